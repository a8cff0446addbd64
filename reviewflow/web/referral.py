"""The referral of a case: what happened, to which children, who thinks what; and who they are, on purpose."""

from __future__ import annotations

from flask import Blueprint, abort

from reviewflow import access
from reviewflow.web import clock
from reviewflow.web.case_file import opened_case
from reviewflow.web.database import definitions, writing
from reviewflow.web.page import show
from reviewflow.web.read.referral import may_see_who_it_is, referral_page

referral = Blueprint("referral", __name__)


@referral.get("/cases/<case_id>/referral")
def referred(case_id: str) -> tuple[str, int]:
    """The referral without any name."""
    with opened_case(case_id, "referral") as file:
        if file.case.incident_id is None:
            abort(404)
        definition = definitions()[file.case.review, file.case.definition_version]
        page = referral_page(file, definition, clock.now())
    return show("cases/referral.html", page)


@referral.post("/cases/<case_id>/identity")
def who_it_is(case_id: str) -> tuple[str, int]:
    """The referral with who the children are: asked for on purpose, and noted before it is shown."""
    with opened_case(case_id, "referral") as file:
        if file.case.incident_id is None:
            abort(404)
        if not may_see_who_it_is(file):
            abort(403)
        with writing() as session:
            access.read_case(session, file.person, file.case, clock.now(), "identity")
        definition = definitions()[file.case.review, file.case.definition_version]
        page = referral_page(file, definition, clock.now(), with_names=True)
    return show("cases/referral.html", page)
