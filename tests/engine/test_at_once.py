"""Two people at once: all who answer get in, of two who move the case one does, a failure leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from reviewflow import engine
from reviewflow.acts import FORMS, FormRule
from reviewflow.casefile.record import MovedOn, Refused
from reviewflow.db import transaction
from reviewflow.engine import Command
from tests.engine.test_the_record import events_of, independent_hash
from tests.engine.test_where_it_goes import everything
from tests.making import CaseInPlay, add_immediate_action, make_case, notify

ROUNDS = 60


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised, all of them let go at the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait(10)
        try:
            return act()
        except Refused as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def acting(case: CaseInPlay, trigger: str, by: str, **how) -> Callable[[], engine.Done]:
    def act() -> engine.Done:
        command = Command(case.id, trigger, case.partnership[by].id, **how)
        with transaction(case.partnership.sessions) as session:
            return engine.perform(session, case.partnership.definitions, command, case.now)

    return act


def test_eight_who_answer_at_once_all_get_in(open_case):
    case = open_case("branches")

    done = at_once(*[acting(case, "note", "Ines", answers={"what": str(n)}) for n in range(8)])

    assert sorted(one.number for one in done) == list(range(2, 10))
    events, previous = events_of(case), ""
    for event in events:
        assert (event.previous_hash, event.hash) == (previous, independent_hash(case.id, event))
        previous = event.hash
    assert len(events) == 9


def test_of_two_moves_at_once_one_is_made_every_time(open_case):
    for _ in range(ROUNDS):
        case = open_case("branches")
        seen = case.row.version

        done = at_once(
            *[
                acting(case, "choose", "Ines", version_seen=seen, answers={"way": way})
                for way in ("left", "right")
            ]
        )

        made = [one for one in done if isinstance(one, engine.Done)]
        refused = [one for one in done if isinstance(one, MovedOn)]
        assert (len(made), len(refused)) == (1, 1)
        assert case.row.state == made[0].state
        assert case.row.version == seen + 1
        assert len(events_of(case)) == 2


def test_two_moves_that_come_back_are_still_two_moves(open_case):
    case = open_case("branches")
    case.do("choose", "Ines", {"way": "left"})
    seen = case.row.version

    done = at_once(
        *[acting(case, "again", "Ines", version_seen=seen, answers={"now": "no"}) for _ in range(2)]
    )

    assert sorted(type(one).__name__ for one in done) == ["Done", "MovedOn"]


def test_a_case_read_before_the_lock_is_read_again_behind_it(open_case):
    case = open_case("branches")
    with case.partnership.sessions() as session:
        stale = session.merge(case.row)
        session.commit()

        case.do("choose", "Ines", {"way": "left"})

        with pytest.raises(MovedOn, match="it is now at “Left”"):
            engine.perform(
                session,
                case.partnership.definitions,
                Command(case.id, "look", case.partnership["Ines"].id),
                case.now,
            )
        assert stale.state == "left"


def test_two_openings_at_once_get_two_references(open_case):
    opened = at_once(*[lambda: open_case("branches") for _ in range(4)])

    assert sorted(case.row.reference for case in opened) == [f"ESX-2026-00{n}" for n in range(1, 5)]


def test_an_act_that_fails_half_way_leaves_nothing(partnership, database, monkeypatch):
    case = make_case(partnership)
    add_immediate_action(case)
    rule = FORMS["notification"]

    def fails(act):
        rule.record(act)
        raise RuntimeError("the power went")

    monkeypatch.setitem(
        FORMS, "notification", FormRule(fails, rule.about, rule.capacity, rule.choices, rule.sets)
    )
    before = everything(database)

    with pytest.raises(RuntimeError):
        notify(case)

    assert everything(database) == before


def test_what_is_sent_twice_from_one_page_is_done_once(open_case):
    case = open_case("branches")
    case.do("note", "Ines", {"what": "A word"}, sent_from="page 1")

    with pytest.raises(MovedOn, match="This has already been sent, and it is done"):
        case.do("note", "Ines", {"what": "A word"}, sent_from="page 1")

    case.do("note", "Ines", {"what": "A word"}, sent_from="page 2")
    open_case("branches").do("note", "Ines", {"what": "A word"}, sent_from="page 1")
    assert len(events_of(case)) == 3


def test_what_is_sent_twice_at_once_from_one_page_is_done_once(open_case):
    case = open_case("branches")

    done = at_once(*[acting(case, "note", "Ines", sent_from="page 1") for _ in range(4)])

    assert sorted(type(one).__name__ for one in done) == ["Done", "MovedOn", "MovedOn", "MovedOn"]


def test_two_referrals_joined_to_each_other_at_once_do_not_wait_for_ever(partnership):
    for _ in range(10):
        first, second = make_case(partnership), make_case(partnership)

        done = at_once(
            *[
                acting(one, "join_to_another_referral", "Ines", answers={"reference": other.row.reference})
                for one, other in ((first, second), (second, first))
            ]
        )

        made = [one for one in done if isinstance(one, engine.Done)]
        assert len(made) <= 1
        assert sorted([first.state, second.state]).count("joined") == len(made)
