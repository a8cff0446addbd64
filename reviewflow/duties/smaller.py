"""What waits within a case beside its next step: a question, an action, a meeting, comments, a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from reviewflow.actions import Action, ActionKind
from reviewflow.alerts import Alert, Delivery
from reviewflow.casefile.tables import Case, Fact
from reviewflow.db import UTCDateTime
from reviewflow.documents import Document, Making
from reviewflow.duties.rows import A_PAGE, COLUMNS, Asker, Key, Listed, case_row, end_of
from reviewflow.meetings import Meeting
from reviewflow.people import AGENCY_ROLES
from reviewflow.ratification import Comment, RatifierQuestion, Recommendation, Standing
from reviewflow.requests import InformationRequest
from reviewflow.requests.asking import SHARED_ON
from reviewflow.workflow.definition import EffectKind

COORDINATOR = "coordinator"
COMMENTS_BY = "comments_by_on"
"""The fact that says by which day comments on a draft are wanted."""
LONG_AGO = timedelta(days=60)
"""Comments that were due before then are not waited for any more."""
SOON = timedelta(days=14)
"""Actions from the learning are listed from so long before their day."""
QUESTION, ACTION, MEETING, COMMENTS, DOCUMENT, MAIL = range(2, 8)
WHAT = {
    QUESTION: "Answer the ratifier's question",
    MEETING: "Meeting",
    COMMENTS: "Comment on the draft",
    DOCUMENT: "A document could not be made",
    MAIL: "A mail could not be delivered",
}
OF_ACTION = {
    ActionKind.IMMEDIATE: "Action for the safety of a child",
    ActionKind.LEARNING_NOW: "Action from the learning",
    ActionKind.LEARNING_LATER: "Action from the learning",
}
READ_THE_PACK = "Read the pack. Meeting"
BY = {QUESTION: "asked on", MEETING: "on", DOCUMENT: "since", MAIL: "since"}
"""What the day of each kind is called, where it is not the day it is due."""

Branch = Callable[[Asker], Select[Any] | None]


def smaller_things(session: Session, asker: Asker) -> Iterator[Listed]:
    """What waits for the person within cases: one query for all the kinds."""
    branches = [found for one in _KINDS if (found := one(asker)) is not None]
    if not branches:
        return
    for row in session.execute(union_all(*branches)):
        due_on = date.fromisoformat(row.on_day) if row.on_day else None
        at: datetime | None = row.at_moment
        case = case_row(row, asker.roles)
        yield Listed(
            Key(end_of(due_on) if due_on else at or asker.now, row.rank, row.row_id),
            case,
            _what(row),
            _link(asker, case.public_id, case.review, case.definition_version, row),
            due_on,
            at,
            BY.get(row.rank, "due"),
        )


def _what(row: Any) -> str:
    if row.rank == ACTION:
        return OF_ACTION[ActionKind(row.words)]
    return READ_THE_PACK if row.rank == MEETING and row.words else WHAT[row.rank]


def form_roles(asker: Asker, form: str) -> set[str]:
    """The roles that may answer a form, in whichever review."""
    return {role for one in _with_form(asker, form) for role in one.roles()}


def _with_form(asker: Asker, form: str) -> list[Any]:
    return [one for each in asker.definitions for one in each.triggers.values() if one.form == form]


def _link(asker: Asker, case_id: str, review: str, version: int, row: Any) -> str:
    """Where it is dealt with: the act itself where there is one, else the case."""
    if row.rank == MAIL:
        return "/mail?show=failed"
    if row.rank == MEETING and row.words:
        return f"/cases/{case_id}/pack"
    form = {QUESTION: "question_answer", ACTION: "action_done", COMMENTS: "comment"}.get(row.rank, "")
    triggers = asker.definitions[review, version].triggers.values()
    act = next((one.name for one in triggers if form and one.form == form), None)
    if act is None:
        return f"/cases/{case_id}"
    return f"/cases/{case_id}/do/{act}" + (f"/{row.subject}" if row.subject else "")


def _branch(
    asker: Asker,
    rank: int,
    table: Any,
    *conditions: ColumnElement[bool],
    on: Any = None,
    at: Any = None,
    subject: Any = None,
    words: Any = None,
    join: Callable[[Select[Any]], Select[Any]] | None = None,
) -> Select[Any]:
    """The first rows of one kind, in order: by the day they are due, or by a moment."""
    due = at if on is None else on
    is_text = table is Fact
    after = (
        asker.moments_after(rank, due, table.id)
        if on is None
        else asker.days_after(rank, due, table.id, text=is_text)
    )
    found = select(
        *COLUMNS,
        literal(rank).label("rank"),
        table.id.label("row_id"),
        (cast(on, String) if on is not None else cast(null(), String)).label("on_day"),
        (at if at is not None else cast(null(), UTCDateTime)).label("at_moment"),
        (subject if subject is not None else cast(null(), String)).label("subject"),
        (words if words is not None else cast(null(), String)).label("words"),
    ).select_from(table)
    found = join(found) if join else found.join(Case, Case.id == table.case_id)
    found = found.where(Case.is_open.is_(True), asker.not_conflicted(), after, *conditions)
    return select(found.order_by(due, table.id).limit(A_PAGE + 1).subquery())


def _questions(asker: Asker) -> Select[Any] | None:
    areas = asker.areas_of(form_roles(asker, "question_answer"))
    if not areas:
        return None
    return _branch(
        asker,
        QUESTION,
        RatifierQuestion,
        RatifierQuestion.answered_at.is_(None),
        Recommendation.standing == Standing.BEFORE_THE_RATIFIER,
        Case.area_id.in_(areas),
        at=RatifierQuestion.asked_at,
        subject=RatifierQuestion.public_id,
        join=lambda found: found.join(
            Recommendation, Recommendation.id == RatifierQuestion.recommendation_id
        ).join(Case, Case.id == Recommendation.case_id),
    )


def _actions(asker: Asker) -> Select[Any] | None:
    """One's own actions and those of one's agency where one can open the case; late ones for coordinators."""
    areas = asker.areas_of(asker.roles - set(AGENCY_ROLES))
    asked = select(InformationRequest.case_id).where(InformationRequest.agency_id == asker.person.agency_id)
    of_agency = Action.owner_id.is_(None) & (Action.owner_agency_id == asker.person.agency_id)
    mine = or_(Action.owner_id == asker.person.id, of_agency)
    late = (Action.due_on < asker.today) & Case.area_id.in_(asker.areas_of([COORDINATOR]))
    return _branch(
        asker,
        ACTION,
        Action,
        Action.done_at.is_(None),
        or_(Action.kind == ActionKind.IMMEDIATE, Action.due_on <= asker.today + SOON),
        or_(mine & or_(Case.area_id.in_(areas), Case.id.in_(asked)), late),
        on=Action.due_on,
        subject=Action.public_id,
        words=Action.kind,
    )


def _meetings(asker: Asker) -> Select[Any] | None:
    """The latest meeting that is planned and not held, for those who were told of it."""
    told = {
        role
        for one in _with_form(asker, "meeting_plan")
        for effect in one.effects
        if effect.kind is EffectKind.TELL
        for role in effect.target
    }
    areas = asker.areas_of(told - {*AGENCY_ROLES, COORDINATOR})
    if not areas:
        return None
    latest = select(func.max(Meeting.id)).where(Meeting.case_id == Case.id).correlate(Case).scalar_subquery()
    shared = (
        select(func.max(Fact.value))
        .where(Fact.case_id == Case.id, Fact.name == SHARED_ON)
        .correlate(Case)
        .scalar_subquery()
    )
    return _branch(
        asker,
        MEETING,
        Meeting,
        Meeting.held_at.is_(None),
        Meeting.id == latest,
        Case.area_id.in_(areas),
        at=Meeting.starts_at,
        words=shared,
    )


def _comments(asker: Asker) -> Select[Any] | None:
    """Comments that were asked for and that the person has not made."""
    areas = asker.areas_of(form_roles(asker, "comment"))
    if not areas:
        return None
    states = {state for one in _with_form(asker, "comment") for state in one.sources}
    made = select(Comment.case_id).where(Comment.by_id == asker.person.id)
    return _branch(
        asker,
        COMMENTS,
        Fact,
        Fact.name == COMMENTS_BY,
        Fact.value >= (asker.today - LONG_AGO).isoformat(),
        Fact.superseded_by_id.is_(None),
        Case.area_id.in_(areas),
        Case.state.in_(states),
        Case.id.not_in(made),
        on=Fact.value,
    )


def _documents(asker: Asker) -> Select[Any] | None:
    areas = asker.areas_of([COORDINATOR])
    failed = Document.making == Making.FAILED
    here = Case.area_id.in_(areas)
    return _branch(asker, DOCUMENT, Document, failed, here, at=Document.added_at) if areas else None


def _mails(asker: Asker) -> Select[Any] | None:
    areas = asker.areas_of([COORDINATOR])
    failed = Alert.delivery == Delivery.FAILED
    return (
        _branch(asker, MAIL, Alert, failed, Case.area_id.in_(areas), at=Alert.written_at) if areas else None
    )


_KINDS: tuple[Branch, ...] = (_questions, _actions, _meetings, _comments, _documents, _mails)
