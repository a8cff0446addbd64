"""The pages of the merged chronology: to read, to print, to take away as CSV or XLSX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from reviewflow.access import Relation
from reviewflow.requests import SHARED_ON, Standing, chronology, reading
from reviewflow.requests.chronology import MergedLine, Place, Sight, Wanted
from reviewflow.situation import facts_of
from reviewflow.web.base_form import BaseForm
from reviewflow.web.case_file import CaseFile, opened_case
from reviewflow.web.fields import Choice, DateField, SelectField
from reviewflow.web.page import Link, Page, show
from reviewflow.web.requests import own_agency

pages = Blueprint("chronology", __name__)

LINES_A_PAGE = 100
AFTER = "after"
PRINT = "print"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FilterForm(BaseForm):
    """Which lines to show. It changes nothing, so it is sent with the address."""

    class Meta(BaseForm.Meta):
        """No seal: there is nothing to protect in looking."""

        csrf = False

    agency = SelectField("Agency", required=False, prompt="Every agency")
    from_on = DateField("From", required=False, called="The first day")
    until_on = DateField("Until", required=False, called="The last day")

    def check(self) -> None:
        """The days run forwards."""
        if self.from_on.data and self.until_on.data and self.from_on.data > self.until_on.data:
            self.refuse("until_on", "The last day must be on or after the first day")

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted(self.agency.data or "", self.from_on.data, self.until_on.data)


@dataclass(frozen=True, kw_only=True)
class ChronologyPage(Page):
    """A page of the merged chronology, or all of it for printing."""

    lines: Sequence[MergedLine]
    is_all: bool
    is_filtered: bool
    is_printed: bool
    here: str
    query: str
    next: str
    first: str


@pages.get("/cases/<case_id>/chronology")
def read(case_id: str) -> Any:
    """The chronology by time, filtered by agency and days; for an agency its own until it is shared."""
    with opened_case(case_id, "chronology") as file:
        sight, form = _sight(file), _filter(file)
        printed = request.args.get(PRINT) == "yes"
        lines: list[MergedLine] = []
        if form.validate():
            most = None if printed else LINES_A_PAGE + 1
            after = _after(request.args.get(AFTER, ""))
            lines = chronology.merged(file.session, file.case.id, sight, form.wanted, after, most)
        return show("cases/chronology.html", _page(file, sight, form, lines, printed))


@pages.get("/cases/<case_id>/chronology.<kind>")
def take_away(case_id: str, kind: str) -> Response:
    """Every line somebody may see and asks for, as a file."""
    if kind not in ("csv", "xlsx"):
        abort(404)
    with opened_case(case_id, f"chronology as {kind.upper()}") as file:
        sight, form = _sight(file), _filter(file)
        if not form.validate():
            abort(400)
        lines = chronology.merged(file.session, file.case.id, sight, form.wanted)
        content = chronology.as_csv(lines) if kind == "csv" else chronology.as_xlsx(lines)
        answer = Response(content, mimetype="text/csv" if kind == "csv" else XLSX)
        name = f"{file.case.reference}-chronology.{kind}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _sight(file: CaseFile) -> Sight:
    """All for the whole file, and for an agency once it is shared; its own until then, and in a conflict."""
    agency_id = own_agency(file)
    if file.relation.has_whole_file:
        return Sight(all_agencies=True, own_agency_id=agency_id)
    if agency_id is None:
        abort(403)
    own = reading.requests_of(file.session, file.case.id, agency_id)
    takes_part = any(one.standing != Standing.NOT_INVOLVED for one in own)
    is_shared = SHARED_ON in facts_of(file.session, file.case.id)
    stands_aside = file.relation is Relation.CONFLICTED
    return Sight(all_agencies=takes_part and is_shared and not stands_aside, own_agency_id=agency_id)


def _filter(file: CaseFile) -> FilterForm:
    form = FilterForm(formdata=request.args)
    agencies = chronology.agencies_in(file.session, file.case.id, _sight(file))
    form.agency.choices = [Choice(public_id, name) for public_id, name in agencies]
    return form


def _page(
    file: CaseFile, sight: Sight, form: FilterForm, lines: Sequence[MergedLine], printed: bool
) -> ChronologyPage:
    here = f"/cases/{file.case.public_id}/chronology"
    asked = form.typed()
    more = not printed and len(lines) > LINES_A_PAGE
    shown = lines[:LINES_A_PAGE] if more else lines
    following = urlencode(asked | {AFTER: [_said(shown[-1].place)]}, doseq=True) if more else ""
    return ChronologyPage(
        name="chronology",
        title="Merged chronology" if sight.all_agencies else "Your agency’s chronology",
        caption=file.case.reference,
        back=None if printed else Link(text="Back to the case", href=f"/cases/{file.case.public_id}"),
        form=form,
        wide=True,
        lines=shown,
        is_all=sight.all_agencies,
        is_filtered=bool(asked),
        is_printed=printed,
        here=here,
        query=urlencode(asked, doseq=True),
        next=f"{here}?{following}" if more else "",
        first=f"{here}?{urlencode(asked, doseq=True)}" if request.args.get(AFTER) else "",
    )


def _said(place: Place) -> str:
    return f"{place.on.isoformat()}_{place.at_time}_{place.id}"


def _after(said: str) -> Place | None:
    """The place an address names; 404 for an address that we did not make."""
    if not said:
        return None
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)_((?:\d\d:\d\d)?)_(\d{1,18})", said, re.ASCII)
    try:
        return Place(date.fromisoformat(found[1]), found[2], int(found[3])) if found else abort(404)
    except ValueError:  # a day that no calendar has
        abort(404)
