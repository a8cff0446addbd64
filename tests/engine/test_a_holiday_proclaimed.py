"""A holiday proclaimed at short notice moves the clocks that counted it, each with an event."""

from datetime import date

import pytest
from sqlalchemy import select

from reviewflow.casefile.record import NotYours, Refused
from reviewflow.db import transaction
from reviewflow.holidays import proclaim
from reviewflow.people import RegisterEntry
from tests.engine.test_clocks_of_a_case import clocks_of, seen
from tests.engine.test_the_record import events_of, independent_hash
from tests.engine.test_where_it_goes import everything
from tests.making import london

CORONATION = date(2026, 12, 17)


def proclaimed(case, on=CORONATION, name="A coronation", by="Viola") -> list[str]:
    with transaction(case.partnership.sessions) as session:
        return proclaim(
            session,
            case.partnership.definitions,
            on,
            name,
            case.partnership[by].id,
            london("2026-12-11 10:00"),
        )


@pytest.fixture
def case(open_case):
    case = open_case("counting")
    case.do("set_dates", "Ines", {"told_on": "2026-12-10"})
    return case


def test_the_clock_that_counted_the_day_is_due_later(case):
    assert proclaimed(case) == ["ESX-2026-001"]

    assert seen(case, "told") == [("2027-01-05", False), ("2027-01-06", True)]
    first, second = clocks_of(case, "told")
    assert first.was_moved
    assert {"date": "2026-12-17", "weekday": "Thursday", "reason": "A coronation"} in second.workings[
        "left_out"
    ]
    assert second.milestones["returns"] == "2026-12-22"
    assert seen(case, "same_day") == [("2026-12-16", True)]
    assert seen(case, "whole") == [("2027-06-07", True)]


def test_the_case_has_one_event_that_says_so_and_stays_where_it_was(case):
    before = case.row

    proclaimed(case)

    last = events_of(case)[-1]
    assert (last.trigger, last.from_state, last.to_state) == ("holiday_added", "first", "first")
    assert (last.actor_id, last.acting_as) == (case.partnership["Viola"].id, "administrator")
    assert last.hash == independent_hash(case.id, last) == case.row.chain_head
    assert (case.row.version, case.row.state) == (before.version, before.state)
    assert case.do("go_on", "Ines", version_seen=before.version).state == "second"


def test_a_clock_that_counts_back_is_due_earlier(case):
    case.do("set_dates", "Ines", {"meeting_on": "2026-12-24"})

    proclaimed(case, date(2026, 12, 18))

    assert seen(case, "papers") == [("2026-12-17", False), ("2026-12-16", True)]


def test_a_case_none_of_whose_clocks_counted_the_day_is_left_alone(case, open_case):
    other = open_case("counting")

    assert proclaimed(case) == ["ESX-2026-001"]

    assert len(events_of(other)) == 1


def test_what_is_due_next_is_known_anew(case):
    proclaimed(case, date(2026, 12, 15))

    assert case.row.next_due_at == london("2026-12-18 00:00")


def test_a_later_act_moves_nothing_again(case):
    proclaimed(case)

    case.do("ring", "Ines")

    assert seen(case, "told") == [("2027-01-05", False), ("2027-01-06", True)]


def test_the_register_says_who_added_it(case):
    proclaimed(case)

    with case.partnership.sessions() as session:
        entry = session.scalars(select(RegisterEntry)).one()
    assert (entry.what, entry.actor_id) == ("bank holiday added", case.partnership["Viola"].id)
    assert entry.details == {"on": "2026-12-17", "name": "A coronation"}


@pytest.mark.parametrize(
    ("how", "error", "sentence"),
    [
        ({"by": "Ines"}, NotYours, "Only an administrator may add a bank holiday"),
        ({"on": date(2026, 12, 19)}, Refused, "Saturday 19 December 2026 is no working day anyway"),
        ({"on": date(2026, 12, 25)}, Refused, "is a bank holiday already"),
        ({"on": date(2061, 12, 22)}, Refused, "The bank holidays are known from"),
        ({"name": " "}, Refused, "a name"),
    ],
)
def test_a_holiday_that_cannot_be_added_changes_nothing(case, database, how, error, sentence):
    before = everything(database)

    with pytest.raises(error, match=sentence):
        proclaimed(case, **how)

    assert everything(database) == before
