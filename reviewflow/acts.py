"""The table of forms: which room records what each one says, what it is about, and in which capacity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import actions, clocks, meetings, questions, reports, submissions
from reviewflow.actions import Action
from reviewflow.casefile import conflicts, notifying, referrals
from reviewflow.casefile.record import Act, append, take_part
from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.clocks import Clock
from reviewflow.meetings import Meeting
from reviewflow.people import Person
from reviewflow.ratification import Outcome, RatifierQuestion, Recommendation, deciding, drafting
from reviewflow.requests import InformationRequest, asking, passing, returns
from reviewflow.workflow.definition import Definition, Question

Record = Callable[[Act], None]


class Subject(StrEnum):
    """What an act may be about, besides its case."""

    REQUEST = "request"
    ACTION = "action"
    MEETING = "meeting"
    QUESTION = "question"


@dataclass(frozen=True)
class FormRule:
    """What the engine knows of a form: the rest is between its page and its room.

    `choices` are the answers a definition may go by; `sets` the facts the form establishes. `apart` names
    the answers that say who a child is: they are taken out before the event is written, so that they
    never lie beside it, and only the room that keeps identities is given them.
    """

    record: Record | None = None
    about: Subject | None = None
    capacity: str = "acted"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


NO_FORM = FormRule()
"""For a trigger with no form of its own: local questions, or none at all."""


_ABOUT_A_REQUEST: dict[str, tuple[Record, str]] = {
    "not_involved": (returns.record_not_involved, "said that the agency was not involved"),
    "passed_on": (passing.record_passed_on, "passed a request on"),
    "archived_records": (returns.record_archived_records, "asked for archived records"),
    "secured_records": (returns.record_secured_records, "secured records"),
    "partial_return": (returns.record_partial_return, "wrote a return"),
    "agency_return": (returns.record_agency_return, "wrote a return"),
    "return_sign_off": (returns.record_return_sign_off, "signed a return"),
    "return_sent_back": (returns.record_return_sent_back, "sent a return back"),
    "return_on_behalf": (returns.record_return_on_behalf, "entered a return"),
    "chase": (asking.record_chase, "chased an agency"),
    "gone_without": (asking.record_gone_without, "went on without an agency"),
}


def _in_turn(*records: Record) -> Record:
    def record_each(act: Act) -> None:
        for record in records:
            record(act)

    return record_each


FORMS: dict[str, FormRule] = {
    # Referral and notification
    "referral": FormRule(
        _in_turn(referrals.record_referral, actions.record_first_actions),
        capacity="referred",
        choices={"harm": tuple(referrals.Harm), "safety": tuple(referrals.Safety)},
        sets=(
            "council_became_aware_on",
            "incident_on",
            "referral_received_on",
            "immediate_safety_considered",
        ),
        apart=("identity", "household"),
    ),
    "referral_correction": FormRule(
        referrals.record_correction,
        capacity="corrected the referral",
        sets=("council_became_aware_on", "incident_on", "immediate_safety_considered"),
        apart=("identity", "household", "more_identity"),
    ),
    "joining": FormRule(
        _in_turn(actions.move_open_actions, referrals.record_joining), capacity="joined two referrals"
    ),
    "immediate_action": FormRule(actions.record_immediate_action, capacity="added an action"),
    "action_done": FormRule(actions.record_action_done, about=Subject.ACTION, capacity="finished an action"),
    "view_on_notifying": FormRule(
        capacity="gave a view on notifying", choices={"view": tuple(notifying.View)}
    ),
    "notification": FormRule(
        notifying.record_notification,
        capacity="decided on notifying",
        choices={"kind": tuple(notifying.NotificationKind)},
        sets=("notification_sent_on",),
    ),
    "not_notified": FormRule(notifying.record_not_notified, capacity="decided on notifying"),
    "late_letter": FormRule(
        notifying.record_late_letter, capacity="wrote to the Panel", sets=("late_letter_sent_on",)
    ),
    "conflict": FormRule(conflicts.record_conflict, capacity="declared a conflict"),
    # Requests and returns
    "asked_agencies": FormRule(capacity="asked agencies"),
    "shared_pack": FormRule(
        record=asking.record_shared_pack, capacity="shared the pack", sets=(asking.SHARED_ON,)
    ),
    **{
        name: FormRule(record=record, about=Subject.REQUEST, capacity=capacity)
        for name, (record, capacity) in _ABOUT_A_REQUEST.items()
    },
    # Meeting and analysis
    "meeting_plan": FormRule(meetings.record_meeting_plan, capacity="planned the meeting"),
    "meeting_record": FormRule(
        meetings.record_meeting, capacity="recorded the meeting", sets=("meeting_on",)
    ),
    "analysis": FormRule(drafting.record_analysis, capacity="wrote the analysis"),
    "comments_asked": FormRule(
        drafting.record_comments_asked, capacity="asked for comments", sets=("comments_by_on",)
    ),
    "comment": FormRule(drafting.record_comment, capacity="commented"),
    # The decision
    "recommendation": FormRule(
        _in_turn(deciding.record_recommendation, actions.record_learning),
        capacity="recommended",
        choices={"outcome": tuple(Outcome)},
        sets=("recommended_on",),
    ),
    "recommendation_taken_back": FormRule(
        deciding.record_taken_back, capacity="took the recommendation back"
    ),
    "ratification": FormRule(deciding.record_ratification, capacity="ratified", sets=("ratified_on",)),
    "return_with_reasons": FormRule(deciding.record_return, capacity="returned"),
    "question": FormRule(deciding.record_question, capacity="asked a question"),
    "question_answer": FormRule(
        deciding.record_question_answer, about=Subject.QUESTION, capacity="answered the ratifier"
    ),
    "standing_aside": FormRule(deciding.record_standing_aside, capacity="stood aside"),
    # The Panel
    "submission": FormRule(
        submissions.record_submission,
        capacity="submitted to the Panel",
        sets=("submitted_on", "submitted_late"),
    ),
    "panel_chase": FormRule(
        submissions.record_panel_chase, capacity="chased the Panel", sets=("panel_chased_on",)
    ),
    "panel_reply": FormRule(
        submissions.record_panel_reply,
        capacity="recorded the Panel's reply",
        choices={"reply": tuple(submissions.Reply)},
        sets=("panel_replied_on",),
    ),
}

DOCUMENTS: dict[str, Record] = {
    "report": reports.ask_for_report,
    "certificate": reports.ask_for_certificate,
}
"""What the service can make: for each kind, the function that asks for it with its text fixed."""

Anything = InformationRequest | Action | Meeting | RatifierQuestion


def begin(
    session: Session,
    definition: Definition,
    case: Case,
    event: CaseEvent,
    actor: Person | None,
    answers: Mapping[str, Any],
    now: datetime,
    form: FormRule = NO_FORM,
    facts: Mapping[str, str] | None = None,
) -> Act:
    """Append the event to the locked case; the act that the rooms are told of.

    What the form keeps apart is in the act, but not in the answers beside the event.
    """
    beside = {name: answer for name, answer in answers.items() if name not in form.apart}
    apart = {name: answer for name, answer in answers.items() if name in form.apart}
    case.look_again_at = now
    append(session, case, event, beside)
    calendar = clocks.calendar(session)
    return Act(session, definition, case, event, actor, beside, now, calendar, dict(facts or {}), apart)


def carry_out(act: Act, form: FormRule, asked: Sequence[Question] = ()) -> list[Clock]:
    """The room that owns the form writes its rows, who took part is noted, and the clocks follow.

    The clocks that run now, the next to end first.
    """
    if form.record:
        form.record(act)
    questions.record(act, asked)
    if act.actor is not None:
        take_part(act, form.capacity, act.actor.id, act.actor.agency_id)
    running = clocks.keep(act)
    next_due_at = running[0].ends_at if running else None
    if act.case.next_due_at != next_due_at:
        act.case.next_due_at = next_due_at
    return running


def subject_of(session: Session, case: Case, kind: Subject, subject_id: str) -> Anything | None:
    """The row an act is about, if there is one of this kind with this public id in the case."""
    if kind is Subject.QUESTION:
        return session.scalar(
            select(RatifierQuestion)
            .join(Recommendation, Recommendation.id == RatifierQuestion.recommendation_id)
            .where(RatifierQuestion.public_id == subject_id, Recommendation.case_id == case.id)
        )
    if kind is Subject.REQUEST:
        return session.scalar(
            select(InformationRequest).where(
                InformationRequest.public_id == subject_id, InformationRequest.case_id == case.id
            )
        )
    if kind is Subject.MEETING:
        return session.scalar(
            select(Meeting).where(Meeting.public_id == subject_id, Meeting.case_id == case.id)
        )
    return session.scalar(select(Action).where(Action.public_id == subject_id, Action.case_id == case.id))
