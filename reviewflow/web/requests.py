"""The pages of requests to agencies."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort
from sqlalchemy import select

from reviewflow import access
from reviewflow.casefile.tables import Case
from reviewflow.requests import reading
from reviewflow.web import clock
from reviewflow.web.case_file import CaseFile, opened_case
from reviewflow.web.database import definitions
from reviewflow.web.page import show
from reviewflow.web.read.requests import request_page, requests_page

pages = Blueprint("requests", __name__)


@pages.get("/cases/<case_id>/requests")
def listing(case_id: str) -> Any:
    """Every request of the case; for the people of an agency, its own."""
    with opened_case(case_id, "requests") as file:
        whole, agency_id = file.relation.has_whole_file, own_agency(file)
        if not whole and agency_id is None:
            abort(403)
        found = reading.requests_of(file.session, file.case.id, None if whole else agency_id)
        definition = definitions()[file.case.review, file.case.definition_version]
        return show("cases/requests.html", requests_page(file, definition, found, clock.now()))


@pages.get("/cases/<case_id>/requests/<request_id>")
def one(case_id: str, request_id: str) -> Any:
    """One request. That of another agency is a 404 for the people of an agency."""
    with opened_case(case_id, "request") as file:
        whole, agency_id = file.relation.has_whole_file, own_agency(file)
        if not whole and agency_id is None:
            abort(403)
        found = reading.requests_of(file.session, file.case.id)
        request = next((one for one in found if one.public_id == request_id), None)
        if request is None or not (whole or request.agency_id == agency_id):
            abort(404)
        definition = definitions()[file.case.review, file.case.definition_version]
        is_own = request.agency_id == agency_id
        page = request_page(file, definition, request, clock.now(), is_own=is_own)
        return show("cases/request.html", page)


def own_agency(file: CaseFile) -> int | None:
    """The agency the person answers for in this case, if it was asked."""
    asked = access.asked_of(file.person, clock.now())
    is_asked = file.session.scalar(select(Case.id).where(Case.id == file.case.id, asked))
    return file.person.agency_id if is_asked else None
