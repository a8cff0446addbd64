"""The rules a definition may ask for by name: None when it holds, or the sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from reviewflow import ratification
from reviewflow.requests import OPEN, Standing
from reviewflow.situation import Part, Situation
from reviewflow.workflow.definition import OPENED

Rule = Callable[[Situation], str | None]


@dataclass(frozen=True)
class Guard:
    """A named rule, and the parts of the situation it has to see."""

    name: str
    rule: Rule
    parts: frozenset[Part]

    @property
    def says(self) -> str:
        """The rule in words, as people read it in the manual."""
        return " ".join((self.rule.__doc__ or "").split())


GUARDS: dict[str, Guard] = {}


def guard(*parts: Part) -> Callable[[Rule], Rule]:
    """Enter a rule in the table under its own name."""

    def enter(rule: Rule) -> Rule:
        GUARDS[rule.__name__] = Guard(rule.__name__, rule, frozenset(parts))
        return rule

    return enter


def parts_needed(names: Iterable[str]) -> frozenset[Part]:
    """The parts of the situation that these guards, or tasks that have to be done, have to see."""
    return frozenset(part for name in names for part in _parts(name))


def _parts(name: str) -> frozenset[Part]:
    return GUARDS[name].parts if name in GUARDS else frozenset({Part.DONE})


def reasons_against(names: Iterable[str], situation: Situation) -> list[str]:
    """Every reason these guards give against acting now; none when all of them pass.

    A name that is no guard's is that of a task of the definition, which has to be done.
    """
    return [reason for name in names if (reason := _reason(name, situation))]


def _reason(name: str, situation: Situation) -> str | None:
    return GUARDS[name].rule(situation) if name in GUARDS else _still_owed(name, situation)


def _still_owed(task_name: str, situation: Situation) -> str | None:
    """What is missing of a task: once since it last started, or as often as it has started."""
    task, done = situation.definition.tasks[task_name], situation.done.get(task_name)
    start = situation.done.get(task.starts or OPENED)
    if start is None:
        return None
    if task.each:
        is_done = done is not None and done.times >= start.times
    else:
        is_done = done is not None and done.latest > start.latest
    return None if is_done else f"“{task.title}” has to be done first."


@guard(Part.ACTIONS)
def immediate_safety_considered(situation: Situation) -> str | None:
    """The immediate safety of this and other children has been considered, with an action or a reason."""
    if situation.immediate_actions or situation.facts.get("immediate_safety_considered") == "yes":
        return None
    return (
        "Nobody has recorded what is done for the immediate safety of this and other children. "
        "Add an action, or say in the referral why none is needed."
    )


# Requests and returns


@guard(Part.REQUESTS)
def agencies_were_asked(situation: Situation) -> str | None:
    """At least one agency has been asked what it knows."""
    return None if situation.requests else "No agency has been asked yet. Ask the agencies first."


@guard(Part.REQUESTS)
def every_request_is_settled(situation: Situation) -> str | None:
    """Every agency that was asked has answered in full, was not involved, or is gone on without."""
    waiting = [one.agency for one in situation.requests if not one.is_settled]
    if not waiting:
        return None
    return f"Still waiting for {', '.join(waiting)}. Chase them, or record that you go on without them."


@guard(Part.REQUESTS)
def request_is_open(situation: Situation) -> str | None:
    """The request still takes an answer."""
    request = situation.subject_request
    if request is None:
        return "This request does not belong to the case."
    if request.standing in OPEN:
        return None
    return f"{request.agency} has already answered: {request.standing}."


@guard(Part.REQUESTS)
def return_is_awaited(situation: Situation) -> str | None:
    """The agency has not yet answered in full, or its answer still waits for sign-off there."""
    request = situation.subject_request
    if request is None:
        return "This request does not belong to the case."
    if request.standing in (*OPEN, Standing.AWAITING_SIGN_OFF):
        return None
    return f"{request.agency} has already answered: {request.standing}."


@guard(Part.REQUESTS)
def return_awaits_sign_off(situation: Situation) -> str | None:
    """There is a return that waits for its senior sign-off."""
    request = situation.subject_request
    if request is not None and request.standing == Standing.AWAITING_SIGN_OFF:
        return None
    return "There is no return waiting for sign-off."


@guard(Part.REQUESTS)
def did_not_write_this_return(situation: Situation) -> str | None:
    """The person who signs a return off is not the one who wrote it."""
    request = situation.subject_request
    if request is None or request.written_by_id != situation.actor.person_id:
        return None
    return "You wrote this return, so another senior lead of your agency has to sign it off."


# Meeting and analysis


@guard(Part.MEETING)
def meeting_is_planned(situation: Situation) -> str | None:
    """A meeting has been planned."""
    return None if situation.meeting else "No meeting has been planned yet. Plan the meeting first."


@guard(Part.MEETING)
def meeting_was_held(situation: Situation) -> str | None:
    """The meeting has been recorded."""
    if situation.meeting and situation.meeting.held_at:
        return None
    return "The meeting has not been recorded yet. Record the meeting first."


@guard(Part.MEETING)
def meeting_was_quorate(situation: Situation) -> str | None:
    """Each statutory partner, or their deputy, took part in the meeting."""
    if situation.meeting and situation.meeting.is_quorate:
        return None
    if situation.meeting and situation.meeting.held_at:
        return (
            "The meeting was not quorate: the council, health and the police must each take part, "
            "in person, by call, by written view or through a deputy."
        )
    return "The meeting has not been recorded yet. Record the meeting first."


@guard(Part.ANALYSIS)
def analysis_is_drafted(situation: Situation) -> str | None:
    """The analysis has been drafted."""
    return None if situation.has_analysis else "The analysis has not been drafted yet. Draft it first."


# Recommendation and ratification: the rules themselves are in `ratification`


@guard(Part.RECOMMENDATION)
def report_is_made(situation: Situation) -> str | None:
    """The report of the recommendation has been made and will not change."""
    if situation.recommendation and situation.recommendation.report_sha256:
        return None
    return "The report has not been made yet."


@guard(Part.RECOMMENDATION)
def recommendation_is_ratified(situation: Situation) -> str | None:
    """The latest recommendation has been ratified."""
    if situation.recommendation and situation.recommendation.standing == "ratified":
        return None
    return "The recommendation has not been ratified."


@guard(Part.RECOMMENDATION)
def read_this_version(situation: Situation) -> str | None:
    """The ratifier has opened exactly the version they decide on."""
    if situation.recommendation and situation.recommendation.was_read:
        return None
    return "You have not opened this version of the report. Read it first."


@guard(Part.PARTICIPATION)
def took_no_part_in_the_recommendation(situation: Situation) -> str | None:
    """Whoever wrote, recommended, voted or signed a return in this case does not ratify it."""
    return ratification.part_taken_by(situation.actor.person_id, situation.participation)


@guard(Part.PARTICIPATION)
def has_no_declared_conflict(situation: Situation) -> str | None:
    """The person has declared no conflict of interest in this case."""
    if situation.actor.person_id in situation.conflicts:
        return "You have declared a conflict of interest in this case, so somebody else has to do this."
    return None


@guard(Part.RECOMMENDATION)
def is_free_of_the_agencies_under_scrutiny(situation: Situation) -> str | None:
    """The ratifier does not belong to an agency whose practice the recommendation holds under scrutiny."""
    seen = situation.recommendation
    if seen and situation.actor.agency_id in seen.under_scrutiny:
        return (
            "The recommendation records your own agency's practice as under scrutiny, "
            "so the named alternate has to ratify."
        )
    return None


@guard(Part.RECOMMENDATION, Part.PARTICIPATION, Part.RATIFIERS)
def is_the_ratifier_whose_turn_it_is(situation: Situation) -> str | None:
    """The alternate ratifies only when nobody who holds the ratifier's role may."""
    if situation.actor.acting_as != "alternate_ratifier" or not _a_ratifier_may_act(situation):
        return None
    return "The police lead can ratify this recommendation, so the alternate is not needed."


@guard(Part.RECOMMENDATION, Part.PARTICIPATION, Part.RATIFIERS)
def no_ratifier_may_act(situation: Situation) -> str | None:
    """Nobody who holds the ratifier's role may ratify, so the named alternate is needed."""
    return "The ratifier can act." if _a_ratifier_may_act(situation) else None


def _a_ratifier_may_act(situation: Situation) -> bool:
    scrutiny = situation.recommendation.under_scrutiny if situation.recommendation else frozenset()
    return any(
        one.role == "ratifier"
        and one.agency_id not in scrutiny
        and one.person_id not in situation.conflicts
        and ratification.part_taken_by(one.person_id, situation.participation) is None
        for one in situation.ratifiers
    )


# Dates

IN_ORDER = (
    ("council_became_aware_on", "the day the council became aware"),
    ("notification_sent_on", "the day of the notification"),
    ("recommended_on", "the day of the recommendation"),
    ("ratified_on", "the day of the ratification"),
)


@guard()
def dates_are_in_order(situation: Situation) -> str | None:
    """Aware, notified, recommended, ratified: each on or after the one before."""
    known = [(situation.facts[name], words) for name, words in IN_ORDER if name in situation.facts]
    for (earlier, before), (later, after) in pairwise(known):
        if later[:10] < earlier[:10]:
            return f"{after.capitalize()} lies before {before}. Correct the dates first."
    return None
