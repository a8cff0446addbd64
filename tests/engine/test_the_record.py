"""The record: append-only, chained, its answers beside it; played again it gives the state that is stored."""

import hashlib
import json
from datetime import UTC

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from reviewflow.casefile.tables import Answers, Case, CaseEvent, Participation
from reviewflow.db import transaction
from tests.making import STAGES, CaseInPlay, add_immediate_action, make_case, notify


def events_of(case: CaseInPlay) -> list[CaseEvent]:
    with case.partnership.sessions() as session:
        query = select(CaseEvent).join(Case, Case.id == CaseEvent.case_id).where(Case.public_id == case.id)
        return list(session.scalars(query.order_by(CaseEvent.number)))


def answers_of(case: CaseInPlay, event: CaseEvent) -> Answers:
    with case.partnership.sessions() as session:
        return session.get_one(Answers, event.id)


def canonical(value) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def independent_hash(case_id: str, event: CaseEvent) -> str:
    """The hash of an event, written here from the description of the chain and from nothing else."""
    said = {
        "case": case_id,
        "number": event.number,
        "trigger": event.trigger,
        "from": event.from_state,
        "to": event.to_state,
        "subject": [event.subject_kind, event.subject_id],
        "actor": event.actor_id,
        "acting_as": event.acting_as,
        "at": event.at.astimezone(UTC).isoformat(),
        "answers": event.answers_fingerprint,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(canonical(said)).hexdigest()


@pytest.mark.parametrize("state", STAGES)
def test_the_events_played_again_give_the_stored_state(partnership, state):
    case = make_case(partnership, at=state)

    events = events_of(case)

    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [later.from_state for later in events[1:]] == [earlier.to_state for earlier in events[:-1]]
    assert (events[0].trigger, events[0].from_state) == ("open", "")
    assert events[-1].to_state == case.row.state == state
    assert case.row.event_count == len(events)


def test_every_event_is_sealed_with_the_one_before(partnership):
    case = make_case(partnership, at="closed")

    previous = ""
    for event in events_of(case):
        assert event.previous_hash == previous
        assert event.hash == independent_hash(case.id, event)
        answers = answers_of(case, event)
        assert (
            event.answers_fingerprint
            == hashlib.sha256(answers.salt.encode() + canonical(answers.content)).hexdigest()
        )
        previous = event.hash
    assert case.row.chain_head == previous


def test_the_chain_holds_in_summer_as_well(open_case):
    case = open_case("branches", at="2026-07-01 12:00")
    case.do("note", "Ines", {"what": "Ŵyn, naïve, 𝔘nicode “quotes” and \u0000"}, at="2026-07-01 23:59")

    assert [event.hash == independent_hash(case.id, event) for event in events_of(case)] == [True, True]


def test_two_equal_answers_have_different_fingerprints(open_case):
    case = open_case("branches")
    for _ in range(2):
        case.do("note", "Ines", {"what": "The same"})

    assert len({event.answers_fingerprint for event in events_of(case)}) == 3


CHANGES = [
    ("case_event", "UPDATE case_event SET acting_as = 'member'"),
    ("case_event", "DELETE FROM case_event"),
    ("participation", "UPDATE participation SET capacity = 'referred'"),
    ("participation", "DELETE FROM participation"),
    ("ratification", "UPDATE ratification SET reasons = '[]'"),
    ("ratification", "UPDATE ratification SET report_sha256 = 'other bytes'"),
    ("ratification", "UPDATE ratification SET certificate_id = NULL"),
    ("ratification", "DELETE FROM ratification"),
    ("document", "UPDATE document SET content = NULL"),
    ("document", "UPDATE document SET sha256 = 'other bytes' WHERE sha256 IS NOT NULL"),
    ("document", "UPDATE document SET source = NULL WHERE kind = 'report'"),
]


def test_the_database_itself_refuses_to_rewrite_the_record(partnership, database):
    make_case(partnership, at="with_panel")

    for table, change in CHANGES:
        with pytest.raises(DBAPIError, match=f"{table} is never changed"), database.begin() as connection:
            connection.execute(text(change))


def test_answers_can_be_taken_out_without_touching_the_record(partnership, database):
    case = make_case(partnership, at="referred")
    add_immediate_action(case)

    with database.begin() as connection:
        connection.execute(text("UPDATE answers SET content = '{}'"))

    assert all(event.hash == independent_hash(case.id, event) for event in events_of(case))
    notify(case)
    assert case.state == "gathering"


def test_who_took_part_is_noted_at_every_act(open_case):
    case = open_case("branches")
    case.do("note", "Hugo")

    with transaction(case.partnership.sessions) as session:
        noted = session.execute(select(Participation.person_id, Participation.capacity)).all()

    assert [tuple(row) for row in noted] == [
        (case.partnership["Ines"].id, "acted"),
        (case.partnership["Hugo"].id, "acted"),
    ]
