"""The state machine of a definition: only its own triggers, from their own states, and nobody's row."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reviewflow.casefile.record import MovedOn
from reviewflow.moves import destination, machine_of
from reviewflow.situation import Actor, Situation
from reviewflow.workflow.load import load, load_all

ROOT = Path(__file__).parents[2]
RAPID_REVIEW = load(ROOT / "workflows/rapid-review/v1.yaml")


def at(state: str, **answers) -> Situation:
    return Situation(
        definition=RAPID_REVIEW,
        state=state,
        now=datetime(2026, 12, 10, tzinfo=UTC),
        actor=Actor(1, 1, "coordinator"),
        facts={},
        answers=answers,
    )


def test_no_way_leads_to_a_state_past_its_triggers():
    for definition in load_all([ROOT / "workflows"]):
        machine = machine_of(definition)
        assert set(machine.events) == set(definition.triggers) | set(definition.tasks)
        assert machine.models == []


def test_one_machine_serves_every_case():
    assert machine_of(RAPID_REVIEW) is machine_of(load(ROOT / "workflows/rapid-review/v1.yaml"))


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("serious_incident", "gathering"),
        ("looked_after_death", "notified_only"),
        ("care_leaver_death", "notified_only"),
    ],
)
def test_this_answer_decides(kind, state):
    assert destination(RAPID_REVIEW.triggers["notify"], at("referred"), {"kind": kind}) == state


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("practice_review", "practice_review_opened"),
        ("learning_review", "learning_review_opened"),
        ("no_further_review", "closed"),
    ],
)
def test_an_earlier_answer_decides(outcome, state):
    situation = at("panel_replied", recommend={"outcome": outcome})

    assert destination(RAPID_REVIEW.triggers["finish_review"], situation, {}) == state


def test_where_nothing_was_answered_the_last_way_is_taken():
    assert destination(RAPID_REVIEW.triggers["finish_review"], at("panel_replied"), {}) == "closed"


def test_what_stays_stays():
    assert destination(RAPID_REVIEW.triggers["note_chase"], at("analysing"), {}) == "analysing"


def test_from_another_state_there_is_no_way():
    situation = at("referred")

    with pytest.raises(MovedOn):
        destination(RAPID_REVIEW.triggers["ratify"], situation, {})

    assert situation.state == "referred"
