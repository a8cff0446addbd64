"""The documents of a case: always to take away, never shown by us, and every reading on record."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file
from sqlalchemy import select
from sqlalchemy.orm import undefer

from reviewflow import access
from reviewflow.access import Relation
from reviewflow.documents import Document
from reviewflow.ratification.deciding import note_report_read
from reviewflow.requests import InformationRequest, Return
from reviewflow.web import clock
from reviewflow.web.case_file import CaseFile, find_case
from reviewflow.web.database import reading, writing

pages = Blueprint("documents", __name__)

NOTHING_RUNS = "default-src 'none'; sandbox"


@pages.get("/cases/<case_id>/documents/<document_id>")
def take(case_id: str, document_id: str) -> Response:
    """One document, as a file. Whoever opens a report has read exactly this version of it."""
    with reading() as session:
        file = find_case(session, case_id)
        document = session.scalar(
            select(Document)
            .where(
                Document.case_id == file.case.id,
                Document.public_id == document_id,
                Document.sha256.is_not(None),
            )
            .options(undefer(Document.content))
        )
        if document is None or not _may_read(file, document):
            abort(404)
        if request.method == "GET":
            with writing() as change:
                access.read_case(change, file.person, file.case, clock.now(), f"document: {document.title}")
                note_report_read(change, document, file.person, clock.now())
    answer = send_file(
        BytesIO(document.content or b""),
        mimetype=document.media_type,
        as_attachment=True,
        download_name=document.file_name,
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def _may_read(file: CaseFile, document: Document) -> bool:
    """All of it with the whole file; otherwise what one has added, and one's own agency's returns."""
    if file.relation.has_whole_file or document.added_by_id == file.person.id:
        return True
    if file.relation is not Relation.ASKED_AGENCY:
        return False
    of_the_agency = (
        select(Return.id)
        .join(InformationRequest, InformationRequest.id == Return.request_id)
        .where(
            Return.original_document_id == document.id,
            InformationRequest.agency_id == file.person.agency_id,
        )
        .limit(1)
    )
    return file.session.scalar(of_the_agency) is not None
