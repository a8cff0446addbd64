"""The draft of the report: as it will be printed, with what people say of it beside each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort

from reviewflow.pdf import PdfFailed
from reviewflow.ratification import PARTS
from reviewflow.ratification.drafting import CommentMade, comments_on
from reviewflow.reports import preview
from reviewflow.reports.printing import document_html
from reviewflow.situation import facts_of, roles_in
from reviewflow.web import clock
from reviewflow.web.case_file import CaseFile, opened_case
from reviewflow.web.database import definitions
from reviewflow.web.errors import error_page
from reviewflow.web.page import Link, Page, show
from reviewflow.web.pdfs import maker
from reviewflow.web.read.offers import Offer, offers_in
from reviewflow.workflow.definition import Definition

pages = Blueprint("drafts", __name__)

OF_A_DRAFT = ("analysis", "comments_asked", "comment")


@dataclass(frozen=True, kw_only=True)
class DraftPage(Page):
    """The draft as it stands, each part of the analysis with its comments."""

    source: Mapping[str, Any]
    comments: Mapping[str, Sequence[CommentMade]]
    part_titles: Mapping[str, str]
    offers: Sequence[Offer]
    pdf: str


@pages.get("/cases/<case_id>/draft")
def draft(case_id: str) -> Any:
    """The draft, for those who have the whole file."""
    with opened_case(case_id, "draft of the report") as file:
        definition = _of_whole_file(file)
        return show("cases/draft.html", _page(file, definition))


@pages.get("/cases/<case_id>/draft.pdf")
def draft_as_pdf(case_id: str) -> Response:
    """The draft in the layout of the report, marked as a draft; made now, and not kept."""
    with opened_case(case_id, "draft of the report") as file:
        definition = _of_whole_file(file)
        source = _source(file, definition)
        title, name = f"{definition.title} report", f"{file.case.reference}-draft.pdf"
    try:
        made = maker().make_pdf(document_html("report", title, source), title=title, created_on=clock.today())
    except PdfFailed as failed:
        return error_page(
            503, "The draft could not be made into a PDF", "errors/no_pdf.html", why=str(failed)
        )
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _of_whole_file(file: CaseFile) -> Definition:
    if not file.relation.has_whole_file:
        abort(403)
    return definitions()[file.case.review, file.case.definition_version]


def _source(file: CaseFile, definition: Definition) -> dict[str, Any]:
    facts = facts_of(file.session, file.case.id)
    return preview(file.session, file.case, definition.title, facts)


def _page(file: CaseFile, definition: Definition) -> DraftPage:
    here = f"/cases/{file.case.public_id}"
    now = clock.now()
    roles = roles_in(file.session, file.case, file.person, now)
    offers = offers_in(file.session, file, definition, roles, now)
    return DraftPage(
        name="draft",
        title="Draft of the report",
        caption=file.case.reference,
        back=Link(text="Back to the case", href=here),
        wide=True,
        source=_source(file, definition),
        comments=comments_on(file.session, file.case.id),
        part_titles=PARTS,
        offers=[
            one
            for one in offers.of_case()
            if definition.triggers[one.trigger].form in OF_A_DRAFT and not one.reasons
        ],
        pdf=f"{here}/draft.pdf",
    )
