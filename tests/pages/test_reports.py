"""The report and the certificate as PDFs: accessible, whole, and without a child's name."""

import subprocess
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from reviewflow.casefile.tables import Identity
from reviewflow.documents import Document
from reviewflow.pdf import PdfMaker
from reviewflow.reports import preview
from reviewflow.reports.printing import document_html
from reviewflow.settings import resource_folder
from reviewflow.situation import facts_of
from tests.making import (
    ask_agencies,
    close_gathering,
    draft_report,
    make_case,
    make_the_report,
    plan_meeting,
    put_before_ratifier,
    read_the_report,
    recommend,
    record_meeting,
    send_return,
    send_to_decision,
)
from tests.pdf_ua import assert_pdf_ua


@pytest.fixture(scope="module")
def maker() -> Iterator[PdfMaker]:
    with PdfMaker(resource_folder("static")) as maker:
        yield maker


def text_of(pdf: bytes) -> str:
    """The words of a PDF as a reader copies them, lines joined."""
    said = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(said.stdout.decode().split())


def made(maker: PdfMaker, document: Document) -> bytes:
    html = document_html(document.kind, document.title, document.source)
    return maker.make_pdf(html, title=document.title, created_on=date(2027, 1, 4))


def latest(case, kind: str) -> Document:
    with case.partnership.sessions() as session:
        query = select(Document).where(Document.kind == kind).order_by(Document.id.desc()).limit(1)
        return session.scalars(query).one()


def test_the_report_is_accessible_and_says_what_the_meeting_and_the_committee_said(maker, partnership):
    case = make_case(partnership, at="making_report")

    pdf = made(maker, latest(case, "report"))

    assert_pdf_ua(pdf)
    text = text_of(pdf)
    for words in (
        "ESX-2026-001",
        "Child 1",
        "Staff who knew the child wrote down what the child said.",
        "The child told two adults what was wrong.",
        "No further review: the rapid review has found the learning",
        "Saltings Homes",
        "Not involved",
        "Earlier contacts were not read together.",
        "None was recorded.",
        "Read earlier contacts",
    ):
        assert words in text


def test_no_name_of_a_child_is_in_the_report(maker, partnership):
    case = make_case(partnership, at="making_report")
    with partnership.sessions() as session:
        names = session.scalars(select(Identity.value)).all()

    text = text_of(made(maker, latest(case, "report")))

    assert [name for name in names if name in text] == []


def test_the_second_rounds_report_says_why_the_first_was_returned(maker, partnership):
    case = make_case(partnership, at="awaiting_ratification")
    read_the_report(case)
    reasons = [{"part": "criteria", "reason": "The third criterion has no reason of its own."}]
    case.do("return_with_reasons", "Gwen", {"reasons": reasons}, at="2026-12-31 11:45")
    recommend(case)

    pdf = made(maker, latest(case, "report"))

    assert_pdf_ua(pdf)
    assert "The third criterion has no reason of its own." in text_of(pdf)


def test_the_certificate_is_one_accessible_page_that_names_the_bytes(maker, partnership):
    case = make_case(partnership, at="ratified")

    pdf = made(maker, latest(case, "certificate"))

    assert_pdf_ua(pdf)
    text = text_of(pdf)
    assert "page 1 of 1" in text
    assert case.report().sha256 in text.replace(" ", "")
    assert "Gwen Osprey" in text
    assert "Monday 4 January 2027 at 10:20" in text


def test_a_draft_is_marked_as_one(maker, partnership):
    case = make_case(partnership, at="deciding")
    with partnership.sessions() as session:
        source = preview(session, case.row, "Rapid review", facts_of(session, case.row.id))

    pdf = maker.make_pdf(
        document_html("report", "Rapid review report", source),
        title="Rapid review report",
        created_on=date(2026, 12, 29),
    )

    assert_pdf_ua(pdf)
    assert "Draft. Official: sensitive" in text_of(pdf)


def test_the_longest_words_people_type_still_fit_a_page(maker, partnership):
    case = make_case(partnership, at="deciding")
    case.do(
        "draft_report", "Ines", {"facts": "Wort" * 400, "analysis": "First.\n\nSecond <b>one</b> & so on."}
    )
    recommend(case)
    make_the_report(case)
    put_before_ratifier(case)

    pdf = made(maker, latest(case, "report"))

    assert_pdf_ua(pdf)
    assert "Second <b>one</b> & so on." in text_of(pdf)


def test_the_report_names_what_came_late_and_lists_the_gap(maker, partnership):
    case = make_case(partnership, at="gathering")
    ask_agencies(case)
    plan_meeting(case)
    send_return(case)
    case.do(
        "sign_off_return",
        "Edmund",
        {"agreed": "yes"},
        subject=case.request_of("Children's social care"),
        at="2026-12-23 13:00",
    )
    case.do(
        "go_on_without",
        "Ines",
        {"reason": "Its file is in an archive that is closed."},
        subject=case.request_of("Saltings Homes"),
        at="2026-12-23 15:30",
    )
    for step in (close_gathering, record_meeting, draft_report, send_to_decision, recommend):
        step(case)

    pdf = made(maker, latest(case, "report"))

    assert_pdf_ua(pdf)
    text = text_of(pdf)
    assert "Late: it was due on Monday 21 December 2026" in text
    assert "Did not answer; the review went on without it" in text
    assert "Its file is in an archive that is closed." in text
