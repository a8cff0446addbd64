"""The merged chronology: every agency's lines in one, by time, each with the agency it comes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from reviewflow.people import Agency
from reviewflow.requests.tables import CHILD_SEEN, ChronologyRow, Return
from reviewflow.uploads.office import clean_office

HEADINGS = (
    "Date",
    "Time",
    "Agency",
    "Source",
    "What happened",
    "What the agency did",
    "Child seen or heard",
    "Comes from",
)
WIDTHS = (13, 8, 30, 24, 60, 60, 20, 30)
COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell starts that a spreadsheet would take for a command."""


@dataclass(frozen=True)
class Sight:
    """What somebody may see of a case's chronology: all agencies' lines, and those of one agency as sent."""

    all_agencies: bool
    own_agency_id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Which lines are asked for: of one agency (its public id), from and until a day."""

    agency: str = ""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Place:
    """Where a page of the chronology ends: the lines after this one come next."""

    on: date
    at_time: str
    id: int


@dataclass(frozen=True)
class MergedLine:
    """One line of the merged chronology."""

    place: Place
    agency: str
    source: str
    event: str
    response: str
    child_seen: str
    comes_from: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as text, under `HEADINGS`."""
        return (
            self.place.on.isoformat(),
            self.place.at_time,
            self.agency,
            self.source,
            self.event,
            self.response,
            self.child_seen,
            self.comes_from,
        )


def merged(
    session: Session,
    case_id: int,
    sight: Sight,
    wanted: Wanted = Wanted(),
    after: Place | None = None,
    most: int | None = None,
) -> list[MergedLine]:
    """The lines somebody may see and asks for, by date and time; at most `most` of those after a place.

    A line is there once its part has come in or its return is signed off. An agency sees its own from the
    moment it sends them. Lines of a return that was sent back are replaced by those sent next.
    """
    query = (
        select(ChronologyRow, Agency.name, Return)
        .join(Return, Return.id == ChronologyRow.return_id)
        .join(Agency, Agency.id == ChronologyRow.agency_id)
        .where(ChronologyRow.case_id == case_id, _seen(sight), *_asked_for(wanted))
        .order_by(ChronologyRow.on, ChronologyRow.at_time, ChronologyRow.id)
    )
    if after is not None:
        place = tuple_(ChronologyRow.on, ChronologyRow.at_time, ChronologyRow.id)
        query = query.where(place > tuple_(after.on, after.at_time, after.id))
    rows = session.execute(query.limit(most) if most else query)
    return [_line(row, agency, sent) for row, agency, sent in rows]


def agencies_in(session: Session, case_id: int, sight: Sight) -> list[tuple[str, str]]:
    """The public id and name of each agency with lines in what somebody may see."""
    rows = session.execute(
        select(Agency.public_id, Agency.name)
        .join(ChronologyRow, ChronologyRow.agency_id == Agency.id)
        .join(Return, Return.id == ChronologyRow.return_id)
        .where(ChronologyRow.case_id == case_id, _seen(sight))
        .distinct()
        .order_by(Agency.name)
    )
    return [(public_id, name) for public_id, name in rows]


def _seen(sight: Sight) -> ColumnElement[bool]:
    has_come_in = or_(Return.is_partial, Return.signed_off_at.is_not(None))
    own = and_(ChronologyRow.agency_id == (sight.own_agency_id or 0), Return.sent_back_reason.is_(None))
    return or_(has_come_in, own) if sight.all_agencies else own


def _asked_for(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.agency:
        yield Agency.public_id == wanted.agency
    if wanted.from_on:
        yield ChronologyRow.on >= wanted.from_on
    if wanted.until_on:
        yield ChronologyRow.on <= wanted.until_on


def _line(row: ChronologyRow, agency: str, sent: Return) -> MergedLine:
    return MergedLine(
        place=Place(row.on, row.at_time, row.id),
        agency=agency,
        source=row.source,
        event=row.event,
        response=row.response,
        child_seen=CHILD_SEEN.get(row.child_seen, ""),
        comes_from=_comes_from(sent),
    )


def _comes_from(sent: Return) -> str:
    if sent.is_partial:
        words = "Part of a return"
    elif sent.on_behalf:
        words = "Return entered for the agency"
    else:
        words = "Signed-off return" if sent.signed_off_at else "Return waiting for sign-off"
    return f"{words}, late" if sent.is_late else words


# Taking it elsewhere


def as_csv(lines: Iterable[MergedLine]) -> bytes:
    """The lines as CSV that a spreadsheet opens as it is; no cell of it is taken for a command."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    writer.writerows([inert(cell) for cell in one.cells] for one in lines)
    return text.getvalue().encode("utf-8-sig")


def inert(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet would take it for a command."""
    return f"'{cell}" if cell.lstrip(" ").startswith(COMMANDS) or cell.startswith(COMMANDS) else cell


def as_xlsx(lines: Iterable[MergedLine]) -> bytes:
    """The lines as an Excel workbook of plain text cells, without a word about who made it or when."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Chronology")
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGH", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append(_cells(sheet, HEADINGS, Font(bold=True)))
    for one in lines:
        sheet.append(_cells(sheet, one.cells))
    kept = io.BytesIO()
    book.save(kept)
    return clean_office(kept.getvalue()).content


def _cells(sheet: object, texts: Sequence[str], font: Font | None = None) -> list[WriteOnlyCell]:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text) or None)
        if text:
            cell.data_type = "s"  # text, also where it looks like a formula
            cell.quotePrefix = text.startswith(COMMANDS)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if font is not None:
            cell.font = font
        cells.append(cell)
    return cells
