"""What the pages of requests show: what an agency is asked and can answer, and to the area all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reviewflow import clocks
from reviewflow.acts import Subject
from reviewflow.alerts import days_left
from reviewflow.documents import drafts_at
from reviewflow.duties.plan import Progress, progress
from reviewflow.requests import InformationRequest, Standing, answering, reading
from reviewflow.requests.reading import Chased, Sent
from reviewflow.situation import roles_in
from reviewflow.web.case_file import CaseFile
from reviewflow.web.forms.requests import HOW_CHASED
from reviewflow.web.page import Link, Page, TimelineEntry
from reviewflow.web.read.case import request_status
from reviewflow.web.read.offers import Offer, Offers, offers_in
from reviewflow.workflow.definition import Definition
from reviewflow.working_days import Calendar, london_date

IN_PLAIN_WORDS: Mapping[str, str] = {
    "agency_return": "All you know, for your senior lead to sign off. You can save it and come back.",
    "partial_return": "What you have today is read at once. The rest follows.",
    "not_involved": "You have looked and found nothing. That is an answer too.",
    "passed_on": "Name a colleague in your agency who should answer. They are told by mail.",
    "archived_records": "Say when you asked for the file and when you expect it.",
    "secured_records": "Say who secured the records, so that nothing in them can be changed.",
    "return_sign_off": "Read it, and let it go to the partnership.",
    "return_sent_back": "Say what has to be changed. The contact is told.",
    "chase": "You phoned, wrote or spoke to them.",
    "gone_without": "The report will list the gap. They can still answer, late.",
    "return_on_behalf": "It came by mail or on paper. You attach the original.",
}
"""What each answer means, under its title."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something that can be done about the request now, in plain words."""

    title: str
    href: str
    words: str
    saved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RequestSeen:
    """How one request stands."""

    href: str
    agency: str
    area: str
    standing: str
    tone: str
    due_on: date
    time_left: str
    expected_on: date | None
    is_late: bool
    gap: str | None


@dataclass(frozen=True, kw_only=True)
class RequestsPage(Page):
    """Every request of a case that somebody may see."""

    requests: Sequence[RequestSeen]
    settled: int
    ask: Link | None
    chronology: str


@dataclass(frozen=True, kw_only=True)
class RequestPage(Page):
    """One request: what is asked, what can be answered, what came back, what was done about it."""

    request: InformationRequest
    seen: RequestSeen
    is_own: bool
    choices: Sequence[Choice]
    signers: Sequence[str]
    waits_for_sign_off: bool
    sent_back_reason: str
    passed_to: str
    returns: Sequence[Sent]
    chases: Sequence[tuple[Chased, str]]
    history: Sequence[TimelineEntry]
    documents: str
    referral: str
    chronology: str


@dataclass(frozen=True)
class _Reader:
    """Who is reading, and what may be done."""

    file: CaseFile
    definition: Definition
    offers: Offers
    now: datetime
    calendar: Calendar
    progress: Progress

    @property
    def today(self) -> date:
        return london_date(self.now)

    @property
    def case(self) -> str:
        return f"/cases/{self.file.case.public_id}"

    @property
    def whole(self) -> bool:
        return self.file.relation.has_whole_file


def _reader(file: CaseFile, definition: Definition, now: datetime) -> _Reader:
    roles = roles_in(file.session, file.case, file.person, now)
    offered = offers_in(file.session, file, definition, roles, now)
    seen = progress(file.session, [file.case.id])[file.case.id]
    return _Reader(file, definition, offered, now, clocks.calendar(file.session), seen)


def requests_page(
    file: CaseFile, definition: Definition, found: Sequence[InformationRequest], now: datetime
) -> RequestsPage:
    """The list of these requests, for somebody with the whole file or for the people of one agency."""
    by = _reader(file, definition, now)
    asks = {name for name, one in definition.triggers.items() if one.form == "asked_agencies"}
    ask = next((one for one in by.offers.of_case() if one.trigger in asks and not one.reasons), None)
    return RequestsPage(
        name="requests",
        title="Requests to agencies",
        caption=file.case.reference,
        back=Link(text="Back to the case", href=by.case),
        wide=True,
        requests=[_seen(by, one) for one in found],
        settled=sum(one.is_settled for one in found),
        ask=Link(text=ask.title, href=ask.href) if ask else None,
        chronology=f"{by.case}/chronology",
    )


def request_page(
    file: CaseFile, definition: Definition, request: InformationRequest, now: datetime, *, is_own: bool
) -> RequestPage:
    """The page of one request. What an agency has not let out yet is shown to that agency alone."""
    by = _reader(file, definition, now)
    rule = definition.requests.get(request.name)
    sent = reading.returns_of(file.session, request.id)
    possible = by.offers.possible_about(Subject.REQUEST, request.public_id, of_agency=is_own)
    return RequestPage(
        name="request",
        title=request.agency.name,
        caption=f"{file.case.reference}: {rule.title if rule else 'Request'}",
        back=Link(text="Back to all requests", href=f"{by.case}/requests")
        if by.whole
        else Link(text="Back to the case", href=by.case),
        request=request,
        seen=_seen(by, request),
        is_own=is_own,
        choices=_choices(by, request, possible),
        signers=_signers(by, request, sent),
        waits_for_sign_off=request.standing == Standing.AWAITING_SIGN_OFF,
        sent_back_reason=(sent[-1].sent_back_reason or "") if sent and is_own else "",
        passed_to=_passed_to(by, request),
        returns=[one for one in sent if one.is_in or is_own],
        chases=_chases(by, request),
        history=[
            TimelineEntry(title=definition.triggers[one.trigger].done, by=one.by, at=one.at)
            for one in reading.happened(file.session, request)
        ],
        documents=f"{by.case}/documents/",
        referral=f"{by.case}/referral" if file.case.incident_id else "",
        chronology=f"{by.case}/chronology",
    )


def _choices(by: _Reader, request: InformationRequest, possible: Sequence[Offer]) -> list[Choice]:
    """What can be done, in plain words; where somebody of the agency has begun, that there is a draft."""
    places = {f"{by.file.case.public_id}:{one.trigger}:{request.public_id}": one for one in possible}
    drafts = drafts_at(by.file.session, list(places), f"agency:{by.file.person.agency_id}")
    return [
        Choice(
            title=offer.title,
            href=offer.href,
            words=IN_PLAIN_WORDS.get(by.definition.triggers[offer.trigger].form or "", ""),
            saved_at=drafts.get(place),
        )
        for place, offer in places.items()
    ]


def _signers(by: _Reader, request: InformationRequest, sent: Sequence[Sent]) -> list[str]:
    """Who may sign the latest return off: the senior leads who did not write it."""
    seniors = answering(by.file.session, [request], ["agency_senior"], by.today)
    writer = sent[-1].written_by if sent else ""
    return [person.name for _, person in seniors if person.name != writer]


def _passed_to(by: _Reader, request: InformationRequest) -> str:
    if request.passed_to_id is None:
        return ""
    contacts = answering(by.file.session, [request], ["agency_contact"], by.today)
    return next((person.name for _, person in contacts if person.id == request.passed_to_id), "")


def _chases(by: _Reader, request: InformationRequest) -> list[tuple[Chased, str]]:
    """Each chase with how it was done in words; what was said stays with the area."""
    if not by.whole:
        return []
    found = reading.chases_of(by.file.session, request.id)
    return [(one, HOW_CHASED.get(one.how, one.how)) for one in found]


def _seen(by: _Reader, request: InformationRequest) -> RequestSeen:
    standing, tone = request_status(request, by.today)
    is_open = request.standing not in (Standing.RETURNED, Standing.NOT_INVOLVED)
    return RequestSeen(
        href=f"{by.case}/requests/{request.public_id}",
        agency=request.agency.name,
        area=request.agency.area.name,
        standing=standing,
        tone=tone,
        due_on=request.due_on,
        time_left=days_left(request.due_on, by.today, by.calendar) if is_open else "",
        expected_on=by.progress.expected_on(request) if is_open else None,
        is_late=request.is_late,
        gap=request.gap,
    )
