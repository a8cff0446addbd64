"""Each rule by itself: when it passes, and the sentence with which it refuses."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reviewflow.guards import GUARDS, parts_needed, reasons_against
from reviewflow.situation import (
    Actor,
    MeetingSeen,
    Part,
    Ratifier,
    RecommendationSeen,
    RequestSeen,
    Situation,
    TookPart,
)
from reviewflow.workflow.load import load

NOW = datetime(2026, 12, 30, 12, tzinfo=UTC)
LEAD, ALTERNATE, OTHER = 1, 2, 3
POLICE, HEALTH, SCHOOL = 10, 20, 30

EMPTY = Situation(
    definition=load(Path(__file__).parents[2] / "workflows/rapid-review/v1.yaml"),
    state="awaiting_ratification",
    now=NOW,
    actor=Actor(LEAD, POLICE, "ratifier"),
    facts={},
)
RECOMMENDED = RecommendationSeen(1, "before the ratifier", frozenset(), "abc", was_read=True)
HELD = MeetingSeen(NOW, NOW, is_quorate=True)


def asked(standing: str, gap: str | None = None, written_by: int | None = None) -> dict:
    """One request, to a school, that the act is about."""
    request = RequestSeen("r1", SCHOOL, "Marsh Lane School", standing, gap, written_by)
    return {"requests": (request,), "subject_id": "r1"}


def took_part(person: int, capacity: str) -> dict:
    return {"participation": (TookPart(person, POLICE, capacity, 1),)}


def recommended(**changed) -> dict:
    return {"recommendation": replace(RECOMMENDED, **changed)}


def ratifiers(*who: Ratifier) -> dict:
    return {"ratifiers": who}


THE_LEAD = Ratifier(LEAD, POLICE, "ratifier")
THE_ALTERNATE = Ratifier(ALTERNATE, HEALTH, "alternate_ratifier")
BOTH = ratifiers(THE_LEAD, THE_ALTERNATE)
AS_ALTERNATE = {"actor": Actor(ALTERNATE, HEALTH, "alternate_ratifier")}
SAFETY = "Nobody has recorded what is done for the immediate safety"
NOT_RECORDED = "The meeting has not been recorded yet. Record the meeting first."
NOT_HERE = "This request does not belong to the case."
NO_SIGN_OFF = "There is no return waiting for sign-off."
THE_LEAD_CAN = "The police lead can ratify this recommendation, so the alternate is not needed."
TOOK_PART = "You took part in this case ({}), so another person has to decide on the recommendation."

TABLE = [
    ("immediate_safety_considered", {}, SAFETY),
    ("immediate_safety_considered", {"facts": {"immediate_safety_considered": "no"}}, SAFETY),
    ("immediate_safety_considered", {"facts": {"immediate_safety_considered": "yes"}}, None),
    ("immediate_safety_considered", {"immediate_actions": 1}, None),
    ("agencies_were_asked", {}, "No agency has been asked yet. Ask the agencies first."),
    ("agencies_were_asked", asked("asked"), None),
    ("every_request_is_settled", {}, None),
    ("every_request_is_settled", asked("asked"), "Still waiting for Marsh Lane School. Chase them"),
    ("every_request_is_settled", asked("part returned"), "Still waiting for Marsh Lane School."),
    ("every_request_is_settled", asked("awaiting sign-off"), "Still waiting for Marsh Lane School."),
    ("every_request_is_settled", asked("part returned", gap="Nothing before 2020"), None),
    ("every_request_is_settled", asked("returned"), None),
    ("every_request_is_settled", asked("not involved"), None),
    ("every_request_is_settled", asked("gone without"), None),
    ("request_is_open", {}, NOT_HERE),
    ("request_is_open", {**asked("asked"), "subject_id": "r2"}, NOT_HERE),
    ("request_is_open", asked("asked"), None),
    ("request_is_open", asked("part returned"), None),
    ("request_is_open", asked("gone without"), None),
    ("request_is_open", asked("awaiting sign-off"), "has already answered: awaiting sign-off."),
    ("request_is_open", asked("returned"), "Marsh Lane School has already answered: returned."),
    ("return_is_awaited", {}, NOT_HERE),
    ("return_is_awaited", asked("asked"), None),
    ("return_is_awaited", asked("awaiting sign-off"), None),
    ("return_is_awaited", asked("returned"), "Marsh Lane School has already answered: returned."),
    ("return_awaits_sign_off", {}, NO_SIGN_OFF),
    ("return_awaits_sign_off", asked("returned"), NO_SIGN_OFF),
    ("return_awaits_sign_off", asked("awaiting sign-off"), None),
    ("did_not_write_this_return", {}, None),
    ("did_not_write_this_return", asked("awaiting sign-off", written_by=OTHER), None),
    ("did_not_write_this_return", asked("awaiting sign-off", written_by=LEAD), "You wrote this return"),
    ("meeting_is_planned", {}, "No meeting has been planned yet. Plan the meeting first."),
    ("meeting_is_planned", {"meeting": MeetingSeen(NOW, None, None)}, None),
    ("meeting_was_held", {}, NOT_RECORDED),
    ("meeting_was_held", {"meeting": MeetingSeen(NOW, None, None)}, NOT_RECORDED),
    ("meeting_was_held", {"meeting": HELD}, None),
    ("meeting_was_quorate", {}, NOT_RECORDED),
    ("meeting_was_quorate", {"meeting": MeetingSeen(NOW, None, None)}, NOT_RECORDED),
    ("meeting_was_quorate", {"meeting": replace(HELD, is_quorate=False)}, "The meeting was not quorate"),
    ("meeting_was_quorate", {"meeting": HELD}, None),
    ("analysis_is_drafted", {}, "The analysis has not been drafted yet. Draft it first."),
    ("analysis_is_drafted", {"has_analysis": True}, None),
    ("report_is_made", {}, "The report has not been made yet."),
    ("report_is_made", recommended(report_sha256=None), "The report has not been made yet."),
    ("report_is_made", recommended(), None),
    ("recommendation_is_ratified", {}, "The recommendation has not been ratified."),
    ("recommendation_is_ratified", recommended(), "The recommendation has not been ratified."),
    ("recommendation_is_ratified", recommended(standing="returned"), "has not been ratified."),
    ("recommendation_is_ratified", recommended(standing="ratified"), None),
    ("read_this_version", {}, "You have not opened this version of the report. Read it first."),
    ("read_this_version", recommended(was_read=False), "You have not opened this version"),
    ("read_this_version", recommended(), None),
    ("took_no_part_in_the_recommendation", {}, None),
    ("took_no_part_in_the_recommendation", took_part(OTHER, "recommended"), None),
    ("took_no_part_in_the_recommendation", took_part(LEAD, "gave a view on notifying"), None),
    ("took_no_part_in_the_recommendation", took_part(LEAD, "returned"), None),
    ("took_no_part_in_the_recommendation", took_part(LEAD, "recommended"), TOOK_PART.format("recommended")),
    ("took_no_part_in_the_recommendation", took_part(LEAD, "juggled"), TOOK_PART.format("juggled")),
    (
        "took_no_part_in_the_recommendation",
        {"actor": Actor(None, None, "service")},
        TOOK_PART.format("acted for the service"),
    ),
    ("has_no_declared_conflict", {}, None),
    ("has_no_declared_conflict", {"conflicts": frozenset({OTHER})}, None),
    (
        "has_no_declared_conflict",
        {"conflicts": frozenset({LEAD})},
        "You have declared a conflict of interest",
    ),
    ("is_free_of_the_agencies_under_scrutiny", {}, None),
    ("is_free_of_the_agencies_under_scrutiny", recommended(under_scrutiny=frozenset({SCHOOL})), None),
    (
        "is_free_of_the_agencies_under_scrutiny",
        recommended(under_scrutiny=frozenset({SCHOOL, POLICE})),
        "your own agency's practice as under scrutiny",
    ),
    ("is_the_ratifier_whose_turn_it_is", BOTH, None),
    ("is_the_ratifier_whose_turn_it_is", {**BOTH, **AS_ALTERNATE}, THE_LEAD_CAN),
    ("is_the_ratifier_whose_turn_it_is", {**ratifiers(THE_ALTERNATE), **AS_ALTERNATE}, None),
    (
        "is_the_ratifier_whose_turn_it_is",
        {**BOTH, **AS_ALTERNATE, "conflicts": frozenset({LEAD})},
        None,
    ),
    (
        "is_the_ratifier_whose_turn_it_is",
        {**BOTH, **AS_ALTERNATE, **recommended(under_scrutiny=frozenset({POLICE}))},
        None,
    ),
    ("is_the_ratifier_whose_turn_it_is", {**BOTH, **AS_ALTERNATE, **took_part(LEAD, "commented")}, None),
    (
        "is_the_ratifier_whose_turn_it_is",
        {**BOTH, **AS_ALTERNATE, **took_part(LEAD, "returned")},
        THE_LEAD_CAN,
    ),
    ("no_ratifier_may_act", BOTH, "The ratifier can act."),
    ("no_ratifier_may_act", {**BOTH, **took_part(LEAD, "commented")}, None),
    ("no_ratifier_may_act", {}, None),
    ("dates_are_in_order", {}, None),
    (
        "dates_are_in_order",
        {"facts": {"council_became_aware_on": "2026-12-07", "notification_sent_on": "2026-12-07"}},
        None,
    ),
    (
        "dates_are_in_order",
        {"facts": {"council_became_aware_on": "2026-12-08", "notification_sent_on": "2026-12-07"}},
        "The day of the notification lies before the day the council became aware. Correct the dates first.",
    ),
    (
        "dates_are_in_order",
        {"facts": {"council_became_aware_on": "2026-12-08", "ratified_on": "2026-12-07"}},
        "The day of the ratification lies before the day the council became aware.",
    ),
    (
        "dates_are_in_order",
        {"facts": {"recommended_on": "2027-01-02", "ratified_on": "2027-01-01"}},
        "The day of the ratification lies before the day of the recommendation.",
    ),
]


@pytest.mark.parametrize(("name", "seen", "sentence"), TABLE)
def test_a_rule_passes_or_says_why_not(name, seen, sentence):
    reason = GUARDS[name].rule(replace(EMPTY, **seen))

    assert (reason is None) if sentence is None else (sentence in reason)


def test_every_rule_is_in_the_table_passing_and_refusing():
    passing = {name for name, _, sentence in TABLE if sentence is None}
    refusing = {name for name, _, sentence in TABLE if sentence}

    assert passing == refusing == set(GUARDS)


def test_every_rule_is_a_sentence_people_can_read():
    assert [name for name, rule in GUARDS.items() if not rule.says.endswith(".") or "  " in rule.says] == []


def test_every_reason_is_given_and_only_what_is_needed_is_looked_at():
    names = ["agencies_were_asked", "meeting_is_planned", "dates_are_in_order"]

    assert len(reasons_against(names, EMPTY)) == 2
    assert parts_needed(names) == {Part.REQUESTS, Part.MEETING}
    assert parts_needed(["a task of the definition"]) == {Part.DONE}
