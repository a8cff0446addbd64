"""The page of one case: where it stands, what can be done in it, what is in its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from reviewflow import clocks, meetings
from reviewflow.access import Relation
from reviewflow.actions import Action, ActionKind
from reviewflow.acts import Subject
from reviewflow.alerts import Alert, Delivery
from reviewflow.casefile.duplicates import possible_duplicates
from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.documents import Document, Making
from reviewflow.duties.plan import Plan, Progress, plan, progress
from reviewflow.meetings import Meeting
from reviewflow.people import Agency, Person
from reviewflow.ratification import (
    RatifierQuestion,
    Recommendation,
    latest_analysis,
    latest_recommendation,
)
from reviewflow.requests import InformationRequest
from reviewflow.requests import Standing as Answer
from reviewflow.situation import facts_of, roles_in
from reviewflow.web.case_file import CaseFile
from reviewflow.web.page import Link, Page, Strip, TimelineEntry
from reviewflow.web.read.offers import Offer, Offers, offers_in
from reviewflow.web.read.strips import PlanRow, Slack, plan_rows, slack_of, strip_of
from reviewflow.workflow.definition import OPENED, SERVICE, Definition
from reviewflow.working_days import Calendar, london_date

IN_THE_TIMELINE = 10


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """One agency's request as the case page lists it."""

    agency: str
    title: str
    standing: str
    tone: str
    due_on: date
    expected_on: date | None
    notes: tuple[str, ...]
    href: str
    acts: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ActionRow:
    """Something promised in the case."""

    what: str
    kind: str
    owner: str
    due_on: date
    status: str
    tone: str
    acts: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeetingRow:
    """A meeting of the case."""

    starts_at: datetime
    place: str
    words: str


@dataclass(frozen=True, kw_only=True)
class DocumentRow:
    """A document of the case: made, being made, or failed."""

    title: str
    href: str
    status: str
    tone: str
    added_at: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class QuestionRow:
    """What the ratifier asked, and what was answered."""

    question: str
    answer: str
    asked_at: datetime
    acts: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WholeFile:
    """What only those see who have the whole file of a case."""

    actions: tuple[ActionRow, ...]
    meetings: tuple[MeetingRow, ...]
    questions: tuple[QuestionRow, ...]
    documents: tuple[DocumentRow, ...]
    linked: tuple[Link, ...]
    timeline: tuple[TimelineEntry, ...]
    failed_mails: int


@dataclass(frozen=True, kw_only=True)
class CasePage(Page):
    """Everything the page of a case shows to this person; what is not theirs to see is empty."""

    case_id: str
    review: str
    state: str
    is_open: bool
    waiting_on: str
    relation: Relation
    basis: str
    written_to: str
    strip: Strip | None = None
    slack: Slack | None = None
    plan: tuple[PlanRow, ...] = ()
    offers: tuple[Offer, ...] = ()
    duplicates: tuple[str, ...] = ()
    requests: tuple[RequestRow, ...] = ()
    shared: tuple[Link, ...] = ()
    file: WholeFile | None = None


def case_page(file: CaseFile, definition: Definition, now: datetime) -> CasePage:
    """The case as this person stands to it: all of it, their own agency's part, or only where it stands."""
    return _Reader(file, definition, now).page()


class _Reader:
    """Reads one case for one page."""

    def __init__(self, file: CaseFile, definition: Definition, now: datetime) -> None:
        self.file, self.definition, self.now = file, definition, now
        self.session: Session = file.session
        self.case: Case = file.case
        self.today = london_date(now)
        self.base = f"/cases/{file.case.public_id}"

    def page(self) -> CasePage:
        roles = roles_in(self.session, self.case, self.file.person, self.now)
        offers = offers_in(self.session, self.file, self.definition, roles, self.now)
        calendar = clocks.calendar(self.session)
        seen = progress(self.session, [self.case.id])[self.case.id]
        limit = self._plan(seen, calendar)
        whole, state = self.file.relation.has_whole_file, self.definition.states[self.case.state]
        return CasePage(
            name="case",
            title=self.case.reference,
            caption=self.definition.title,
            back=Link(text="Cases", href="/cases"),
            wide=True,
            case_id=self.case.public_id,
            review=self.definition.title,
            state=state.title,
            is_open=self.case.is_open,
            waiting_on=", ".join(self._title_of(role) for role in state.waiting_on),
            relation=self.file.relation,
            basis=self.definition.basis,
            written_to=self.definition.written_to or "",
            strip=strip_of(limit, self.today, calendar) if limit else None,
            slack=slack_of(limit, seen) if limit and whole else None,
            plan=plan_rows(limit, seen, self.today) if limit and whole else (),
            offers=offers.of_case(),
            duplicates=tuple(self._duplicates(offers)),
            requests=tuple(self._requests(seen, offers)),
            shared=tuple(self._shared(whole)),
            file=self._whole_file(offers) if whole else None,
        )

    def _whole_file(self, offers: Offers) -> WholeFile:
        return WholeFile(
            actions=tuple(self._actions(offers)),
            meetings=tuple(self._meetings()),
            questions=tuple(self._questions(offers)),
            documents=tuple(self._documents()),
            linked=tuple(self._linked()),
            timeline=tuple(events_of(self.session, self.case, self.definition, limit=IN_THE_TIMELINE)),
            failed_mails=self._failed_mails(),
        )

    def _plan(self, seen: Progress, calendar: Calendar) -> Plan | None:
        """The plan of the limit that ends first."""
        for clock in clocks.running(self.session, [self.case.id]):
            if clock.name in self.definition.clocks:
                return plan(clock, self.definition.clocks[clock.name], seen, self.today, calendar)
        return None

    def _title_of(self, role: str) -> str:
        return self.definition.title_of_role(role)

    def _requests(self, seen: Progress, offers: Offers) -> Iterator[RequestRow]:
        whole, agency_id = self.file.relation.has_whole_file, self.file.person.agency_id
        for one in seen.requests:
            if whole or (self.file.relation is Relation.ASKED_AGENCY and one.agency_id == agency_id):
                rule = self.definition.requests.get(one.name)
                status, tone = request_status(one, self.today)
                yield RequestRow(
                    agency=one.agency.name,
                    title=rule.title if rule else "Request for information",
                    standing=status,
                    tone=tone,
                    due_on=one.due_on,
                    expected_on=None if one.is_settled else seen.expected_on(one),
                    notes=tuple(_notes(one)),
                    href=f"{self.base}/requests/{one.public_id}",
                    acts=offers.about(Subject.REQUEST, one.public_id),
                )

    def _actions(self, offers: Offers) -> Iterator[ActionRow]:
        rows = self.session.execute(
            select(Action, Agency.name)
            .outerjoin(Agency, Agency.id == Action.owner_agency_id)
            .where(Action.case_id == self.case.id)
            .order_by(Action.due_on, Action.id)
        )
        for action, agency in rows:
            late = action.done_at is None and action.due_on < self.today
            yield ActionRow(
                what=action.what,
                kind=KINDS[ActionKind(action.kind)],
                owner=f"{action.owner}, {agency}" if agency else action.owner,
                due_on=action.due_on,
                status="Done" if action.done_at else "Late" if late else "To do",
                tone="done" if action.done_at else "late" if late else "now",
                acts=() if action.done_at else offers.about(Subject.ACTION, action.public_id),
            )

    def _meetings(self) -> Iterator[MeetingRow]:
        for one in self.session.scalars(
            select(Meeting).where(Meeting.case_id == self.case.id).order_by(Meeting.starts_at)
        ):
            held = "Held, quorate" if one.is_quorate else "Held, not quorate"
            yield MeetingRow(
                starts_at=one.starts_at, place=one.place, words=held if one.held_at else "Planned"
            )

    def _questions(self, offers: Offers) -> Iterator[QuestionRow]:
        rows = self.session.scalars(
            select(RatifierQuestion)
            .join(Recommendation, Recommendation.id == RatifierQuestion.recommendation_id)
            .where(Recommendation.case_id == self.case.id)
            .order_by(RatifierQuestion.id)
        )
        for one in rows:
            acts = () if one.answered_at else offers.about(Subject.QUESTION, one.public_id)
            yield QuestionRow(
                question=one.question, answer=one.answer or "", asked_at=one.asked_at, acts=acts
            )

    def _documents(self) -> Iterator[DocumentRow]:
        rows = self.session.scalars(
            select(Document).where(Document.case_id == self.case.id).order_by(Document.id)
        )
        for one in rows:
            status, tone = MADE[Making(one.making)]
            yield DocumentRow(
                title=one.title,
                href=f"{self.base}/documents/{one.public_id}" if one.making == Making.MADE else "",
                status=status,
                tone=tone,
                added_at=one.added_at,
                words=WHY_NOT_MADE.get(Making(one.making), ""),
            )

    def _linked(self) -> Iterator[Link]:
        """Cases on the same incident, the one this was opened from and those opened from it."""
        case = self.case
        same = [Case.opened_from_id == case.id, Case.id == (case.opened_from_id or 0)]
        if case.incident_id is not None:
            same.append(Case.incident_id == case.incident_id)
        rows = self.session.execute(
            select(Case.public_id, Case.reference, Case.review)
            .where(or_(*same), Case.id != case.id)
            .order_by(Case.id)
        )
        for public_id, reference, review in rows:
            yield Link(text=f"{reference} ({review.replace('-', ' ')})", href=f"/cases/{public_id}")

    def _duplicates(self, offers: Offers) -> list[str]:
        """For who may join two referrals: the cases that may be about the same incident."""
        joining = {one.name for one in self.definition.triggers.values() if one.form == "joining"}
        if not any(one.trigger in joining for one in offers.of_case()):
            return []
        return [one.reference for one in possible_duplicates(self.session, self.case)]

    def _shared(self, whole: bool) -> Iterator[Link]:
        if self.case.incident_id is not None and self.file.relation is not Relation.CONFLICTED:
            yield Link(text="The referral, and who it is", href=f"{self.base}/referral")
        if whole or "chronology_shared_on" in facts_of(self.session, self.case.id):
            yield Link(text="The merged chronology", href=f"{self.base}/chronology")
        if whole and meetings.latest(self.session, self.case.id):
            yield Link(text="The meeting pack", href=f"{self.base}/pack")
        if whole and latest_analysis(self.session, self.case.id):
            yield Link(text="The draft of the report", href=f"{self.base}/draft")
        if whole and latest_recommendation(self.session, self.case.id):
            yield Link(text="The recommendation and its ratification", href=f"{self.base}/ratification")

    def _failed_mails(self) -> int:
        return (
            self.session.scalar(
                select(func.count(Alert.id)).where(
                    Alert.case_id == self.case.id, Alert.delivery == Delivery.FAILED
                )
            )
            or 0
        )


KINDS = {
    ActionKind.IMMEDIATE: "For the safety of a child",
    ActionKind.LEARNING_NOW: "From the learning, at once",
    ActionKind.LEARNING_LATER: "From the learning, later",
}
MADE = {
    Making.ASKED_FOR: ("Being made", "now"),
    Making.MADE: ("Made", "done"),
    Making.FAILED: ("Failed", "late"),
    Making.DROPPED: ("Not needed", "waiting"),
}
WHY_NOT_MADE = {
    Making.FAILED: "The document could not be made. Whoever runs the service has been told in its log.",
}
TONES = {Answer.RETURNED: "done", Answer.NOT_INVOLVED: "done", Answer.AWAITING_SIGN_OFF: "now"}


def request_status(request: InformationRequest, today: date) -> tuple[str, str]:
    """How a request stands in a word or two, and the tone of its tag."""
    if not request.is_settled and request.due_on < today:
        return f"{request.standing.capitalize()}, late", "late"
    return request.standing.capitalize(), TONES.get(Answer(request.standing), "waiting")


def _notes(request: InformationRequest) -> Iterator[str]:
    if request.archive_expected_on and not request.is_settled:
        yield "Records in an archive"
    if request.gap:
        yield f"Gone on without it: {request.gap}"
    if request.is_late and request.is_settled and not request.gap:
        yield "Came late"


def events_of(
    session: Session, case: Case, definition: Definition, *, limit: int, before: int | None = None
) -> Iterator[TimelineEntry]:
    """The latest acts of a case, the newest first: what was done, by whom, as what, and when."""
    about = aliased(InformationRequest)
    query = (
        select(CaseEvent, Person.name, Agency.name)
        .outerjoin(Person, Person.id == CaseEvent.actor_id)
        .outerjoin(about, (about.public_id == CaseEvent.subject_id) & (about.case_id == CaseEvent.case_id))
        .outerjoin(Agency, Agency.id == about.agency_id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(CaseEvent.number < before)
    for event, person, agency in session.execute(query):
        yield TimelineEntry(
            title=done_line(definition, event.trigger),
            by=actor_line(definition, event, person),
            at=event.at,
            words=agency or "",
        )


def done_line(definition: Definition, trigger: str) -> str:
    """What an event says that happened."""
    if trigger == OPENED:
        return f"{definition.title} opened"
    known = definition.act(trigger)
    return known.done if known else trigger.replace("_", " ").capitalize()


def actor_line(definition: Definition, event: CaseEvent, person: str | None) -> str:
    """Who did it and as what."""
    if event.acting_as == SERVICE or person is None:
        return "The service"
    role = definition.roles.get(event.acting_as)
    return f"{person}, {role.title}" if role else person
