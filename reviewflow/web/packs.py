"""The meeting pack: what was asked, what came back, the merged chronology, and the questions to discuss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort

from reviewflow import meetings
from reviewflow.meetings import PROMPTS
from reviewflow.reports import preview
from reviewflow.requests import InformationRequest, chronology, reading
from reviewflow.requests.chronology import MergedLine, Sight, Wanted
from reviewflow.situation import facts_of
from reviewflow.web import clock
from reviewflow.web.case_file import CaseFile, opened_case
from reviewflow.web.database import definitions
from reviewflow.web.page import Link, Page, show
from reviewflow.web.read.case import request_status
from reviewflow.working_days import london_date

pages = Blueprint("packs", __name__)


@dataclass(frozen=True, kw_only=True)
class Account:
    """What one agency says: nothing yet, a part, or all of it, each part of it under its heading."""

    agency: str
    standing: str
    tone: str
    gap: str
    parts: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class PackPage(Page):
    """All that is read for a meeting, on one page: to print, or on a phone."""

    starts_at: datetime | None
    place: str
    note: str
    source: Mapping[str, Any]
    accounts: Sequence[Account]
    lines: Sequence[MergedLine]
    prompts: Sequence[str]


@pages.get("/cases/<case_id>/pack")
def pack(case_id: str) -> Any:
    """The pack as it is now: a return that comes later is in it. For those with the whole file."""
    with opened_case(case_id, "meeting pack") as file:
        if not file.relation.has_whole_file:
            abort(403)
        return show("cases/pack.html", _page(file))


def _page(file: CaseFile) -> PackPage:
    session, case = file.session, file.case
    definition = definitions()[case.review, case.definition_version]
    meeting = meetings.latest(session, case.id)
    return PackPage(
        name="pack",
        title="Meeting pack",
        caption=case.reference,
        back=Link(text="Back to the case", href=f"/cases/{case.public_id}"),
        wide=True,
        starts_at=meeting.starts_at if meeting else None,
        place=meeting.place if meeting else "",
        note=meeting.note if meeting else "",
        source=preview(session, case, definition.title, facts_of(session, case.id)),
        accounts=[_account(file, one) for one in reading.requests_of(session, case.id)],
        lines=chronology.merged(session, case.id, Sight(all_agencies=True), Wanted(), None, None),
        prompts=list(PROMPTS.values()),
    )


def _account(file: CaseFile, request: InformationRequest) -> Account:
    """The whole return once there is one; until then every part that has come in."""
    come_in = [one for one in reading.returns_of(file.session, request.id) if one.is_in]
    whole = [one for one in come_in if not one.is_partial][-1:]
    standing, tone = request_status(request, london_date(clock.now()))
    return Account(
        agency=request.agency.name,
        standing=standing,
        tone=tone,
        gap=request.gap or "",
        parts=[part for one in whole or come_in for part in one.parts],
    )
