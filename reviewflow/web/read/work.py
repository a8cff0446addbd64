"""The page of Your work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app, url_for
from sqlalchemy.orm import Session

from reviewflow.access import ADMINISTRATOR, NO_CASES_OF_THEIR_AREA, SCRUTINEER
from reviewflow.duties.rows import Key
from reviewflow.duties.work import Work, your_work
from reviewflow.people import AGENCY_ROLES, Held, Person
from reviewflow.web.filters import london_moment, weekday_date
from reviewflow.web.page import Link, Page
from reviewflow.web.read.strips import days_words
from reviewflow.workflow.definition import Definitions

REFER = "opening.choose"
"""The page on which an incident is referred."""


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """One thing that waits: what, in which case, by when, and how it stands."""

    reference: str
    review: str
    what: str
    href: str
    when: str
    left: str
    tone: str
    risk: str


@dataclass(frozen=True, kw_only=True)
class WorkPage(Page):
    """What waits for somebody, or what they can do while nothing does."""

    lines: Sequence[WorkLine]
    first: str
    next: str
    nothing: str
    starts: Sequence[Link]


def work_page(
    session: Session,
    definitions: Definitions,
    person: Person,
    held: Collection[Held],
    now: datetime,
    after: Key | None,
) -> WorkPage:
    """What waits for `person` at `now`, a page at a time."""
    found = your_work(session, definitions, person, held, now, after)
    roles = {one.role for one in held}
    return WorkPage(
        name="work",
        title="Your work",
        wide=True,
        lines=tuple(_line(one) for one in found.work),
        first="/" if after else "",
        next=f"/?after={_text(found.after)}" if found.after else "",
        nothing=_nothing(roles),
        starts=_starts(roles),
    )


def key_from(text: str) -> Key | None:
    """The key in a web address; None where there is none that can be read."""
    parts = text.split("_")
    if len(parts) != 3 or not all(part.isdigit() and len(part) <= 18 for part in parts):
        return None
    try:
        return Key(datetime.fromtimestamp(int(parts[0]) / 1000, UTC), int(parts[1]), int(parts[2]))
    except (OverflowError, ValueError, OSError):
        return None


def _text(key: Key) -> str:
    return f"{round(key.due_at.timestamp() * 1000)}_{key.rank}_{key.id}"


def _line(one: Work) -> WorkLine:
    late = one.days_left is not None and one.days_left < 0
    soon = one.days_left is not None and one.days_left <= 1
    return WorkLine(
        reference=one.reference,
        review=one.review,
        what=one.what,
        href=one.link,
        when=_when(one),
        left=_left(one),
        tone="late" if late else "risk" if one.risk else "now" if soon else "",
        risk=f"At risk: {one.risk}" if one.risk and not late else "",
    )


def _when(one: Work) -> str:
    if one.at is not None:
        return london_moment(one.at)
    return f"{one.by.capitalize()} {weekday_date(one.due_on)}" if one.due_on else "No day set"


def _left(one: Work) -> str:
    if one.days_left is None:
        return ""
    return "Due today" if one.days_left == 0 else days_words(one.days_left).capitalize()


def _nothing(roles: Collection[str]) -> str:
    if not roles:
        return "You hold no role today. Ask an administrator of your partnership to give you one."
    if set(roles) <= set(AGENCY_ROLES):
        return "When your agency is asked what it knows, the request appears here."
    if set(roles) <= {*NO_CASES_OF_THEIR_AREA, SCRUTINEER}:
        return "Nothing in a review waits for your role."
    return "Everything that waits for you will appear here. The cases list shows what others are doing."


def _starts(roles: Collection[str]) -> tuple[Link, ...]:
    can_refer = set(roles) - {ADMINISTRATOR, SCRUTINEER} and REFER in current_app.view_functions
    return (Link(text="Refer an incident", href=url_for(REFER)),) if can_refer else ()
