"""PDFs: accessible, saying nothing but what they say, and never the end of the service."""

import io
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pikepdf import Array, Dictionary, Name, String

from reviewflow.pdf import SENTENCES, PdfFailed, PdfMaker
from reviewflow.pdf.printer import Printer
from tests.pdf_ua import assert_pdf_ua, faults

TOP = Path(__file__).resolve().parents[2]
STATIC = TOP / "static"
DAY = date(2026, 2, 2)
HEAD = '<!DOCTYPE html><html lang="en-GB"><title>Report</title><h1>Report</h1>'
REPORT = """{% extends "pdf/layout.html" %}{% from "pdf/parts.html" import strip, table, text %}
{% block content %}
<h2>Where the review is</h2>{{ strip(page.steps) }}
<p>See <a href="#criteria">the criteria</a>.</p>
<h2 id="criteria">Criteria</h2>
{{ table("Criteria of the 2023 edition", ["Criterion", "Met", "Reason"], page.rows) }}
<h3>Analysis</h3>{{ text(page.words) }}<ol><li>One<ul><li>Inner</li></ul></li><li>Two</li></ol>
<svg width="20" height="20" viewBox="0 0 9 9"><title>A square</title><rect width="9" height="9"/></svg>
{% endblock %}"""


@pytest.fixture(scope="module")
def maker() -> Iterator[PdfMaker]:
    with PdfMaker(STATIC) as maker:
        yield maker


@pytest.fixture(scope="module")
def good(maker: PdfMaker) -> bytes:
    """A finished report, to be broken."""
    return made(maker, report())


def report(**changes: object) -> str:
    """A report of several pages, printed with the layout of all documents."""
    page = {
        "title": "Rapid review report",
        "reference": "ESX-2026-001",
        "partnership": "Essex Safeguarding Children Partnership",
        "kind": "Rapid review",
        "marking": "Official: sensitive",
        "language": "en-GB",
        "facts": [("Reference", "ESX-2026-001"), ("Due at the Panel", "Monday 2 February 2026")],
        "steps": [
            SimpleNamespace(title="Referred", state="done", note="12 January"),
            SimpleNamespace(title="Meeting", state="late", note="due 26 January"),
            SimpleNamespace(title="Recommended", state="now", note=""),
            SimpleNamespace(title="Ratified", state="to_come", note="by 30 January"),
        ],
        "rows": [(f"Criterion {n}", "Met", "Because the records show it, " * 6) for n in range(1, 40)],
        "words": "What the records of eight agencies tell.\n\nDyma'r gŵyn gan Siân.",
    }
    print_on = Environment(
        loader=FileSystemLoader(TOP / "templates"), autoescape=True, undefined=StrictUndefined
    )
    return print_on.from_string(REPORT).render(page=SimpleNamespace(**page | changes))


def made(maker: PdfMaker, html: str, title: str = "Rapid review report: ESX-2026-001") -> bytes:
    return maker.make_pdf(html, title=title, created_on=DAY)


def children() -> set[int]:
    """The processes this one has started and not yet buried."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == os.getpid():
            found.add(int(stat.parent.name))
    return found


@pytest.fixture
def outsider() -> Iterator[tuple[int, list[bytes]]]:
    """A local server's port, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    request = connection.recv(1000)
                    if request == b"end":
                        return
                    asked.append(request)
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        yield port, asked
        with socket.create_connection(("127.0.0.1", port)) as last:
            last.sendall(b"end")
        thread.join(5)


def test_a_report_is_accessible_by_our_rules(maker: PdfMaker) -> None:
    pdf = made(maker, report())

    assert_pdf_ua(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) >= 3
        assert str(opened.trailer.Info.Title) == "Rapid review report: ESX-2026-001"
        assert str(opened.trailer.Info.Producer) == "ReviewFlow"
        assert str(opened.trailer.Info.CreationDate) == "D:20260202"
        assert str(opened.Root.Lang) == "en-GB"


def test_row_and_column_headings_are_told_apart(maker: PdfMaker) -> None:
    table = (
        "<table><thead><tr><th scope=col>Agency<th scope=col>Answer</thead>"
        "<tr><th scope=row>Police<td>In full<tr><th scope=row>Health<td>In part</table>"
    )

    pdf = made(maker, HEAD + table)

    assert_pdf_ua(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        scopes = [str(thing.A.Scope) for thing in opened.objects if is_element(thing, Name.TH)]
    assert sorted(scopes) == ["/Column", "/Column", "/Row", "/Row"]


def is_element(thing: object, kind: Name) -> bool:
    return isinstance(thing, Dictionary) and thing.get("/S") == kind


def test_the_same_document_gives_the_same_bytes(maker: PdfMaker) -> None:
    first = made(maker, report())
    made(maker, HEAD + "<p><b>Another document</b> between the two, with ŵ.</p>")
    again = made(maker, report())
    with PdfMaker(STATIC) as another:
        elsewhere = made(another, report())

    assert first == again == elsewhere


def test_without_our_typeface_a_document_is_made_in_another(tmp_path: Path) -> None:
    (tmp_path / "pdf.css").write_bytes((STATIC / "pdf.css").read_bytes())
    (tmp_path / "mark.svg").write_bytes((STATIC / "mark.svg").read_bytes())

    with PdfMaker(tmp_path) as maker:
        pdf = made(maker, report())

    assert_pdf_ua(pdf)
    assert b"DejaVu" in b"".join(fonts_of(pdf))


def fonts_of(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [str(thing.BaseFont).encode() for thing in opened.objects if has(thing, "/BaseFont")]


def has(thing: object, key: str) -> bool:
    return isinstance(thing, Dictionary) and key in thing


def test_properties_in_the_html_do_not_reach_the_pdf(maker: PdfMaker) -> None:
    html = HEAD.replace(
        "<title>",
        "<meta name=author content=CANARY><meta name=keywords content=CANARY>"
        "<meta name=description content=CANARY>"
        "<meta name=generator content=CANARY><meta name=dcterms.modified content=2026-01-01T09:30:00Z>"
        "<meta name=anything content=CANARY><title>CANARY",
    )

    pdf = made(maker, html)

    assert_pdf_ua(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert b"CANARY" not in opened.Root.Metadata.read_bytes()
        assert "CANARY" not in str(opened.trailer.Info)


def test_a_title_may_hold_any_characters(maker: PdfMaker) -> None:
    pdf = made(maker, report(), title='Gŵyr & "Siân" <b>\x00\x0b 漢字 😀')

    assert_pdf_ua(pdf)


def outside(place: str) -> list[str]:
    return [
        f"<link rel=attachment href={place}>",
        f"<a rel=attachment href={place}>file</a>",
        f"<link rel=stylesheet href={place}>",
        f"<style>@import url({place})</style>",
        f"<style>@font-face {{font-family: x; src: url({place})}} p {{font-family: x}}</style><p>x",
        f"<p style='background: url({place})'>x",
        f"<img alt=x src={place}>",
        f"<object data={place}>x</object>",
        f"<embed src={place} alt=x>",
        f"<svg width=9 height=9><title>x</title><image width=9 height=9 href={place} /></svg>",
    ]


@pytest.mark.parametrize("part", range(len(outside(""))))
@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "data:text/plain,x", "app:../../etc/passwd", "passwd"]
)
def test_a_file_that_is_not_bundled_is_never_read(maker: PdfMaker, place: str, part: int) -> None:
    html = HEAD + outside(place)[part]

    with pytest.raises(PdfFailed) as failed:
        made(maker, html)

    assert failed.value.why in ("outside_file", "outside_link", "not_made")
    assert "passwd" not in str(failed.value)


def test_nothing_is_fetched_from_a_network(maker: PdfMaker, outsider: tuple[int, list[bytes]]) -> None:
    port, asked = outsider

    for part in outside(f"http://127.0.0.1:{port}/x"):
        with pytest.raises(PdfFailed):
            made(maker, HEAD + part)

    assert asked == []


def test_links_outside_are_refused_unless_named(maker: PdfMaker) -> None:
    link = HEAD + "<p><a href='https://reviews.example/b/1'>Our library</a>"
    with PdfMaker(STATIC, links_to=["https://reviews.example/"]) as with_links:
        pdf = made(with_links, link)
        with pytest.raises(PdfFailed, match="not allowed"):
            made(with_links, link.replace("reviews.example", "intranet.example"))

    assert_pdf_ua(pdf, links_to=("https://reviews.example/",))
    assert faults(pdf) == ["a link leads outside: https://reviews.example/b/1"]
    with pytest.raises(PdfFailed, match="not allowed"):
        made(maker, link)


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (HEAD.replace(' lang="en-GB"', ""), "no_language"),
        (HEAD.replace("en-GB", "cy"), "no_language"),
        (HEAD + "<img src=app:mark.svg>", "no_alternative"),
        (HEAD + "<svg width=9 height=9><rect width=9 height=9></svg>", "no_alternative"),
        (HEAD + "<table><tr><th>Agency<td>Police</table>", "no_scope"),
        (HEAD + "<a href=#nowhere>nowhere</a>", "broken_link"),
        (HEAD + "<link rel=attachment href=app:pdf.css>", "outside_file"),
        (HEAD + "<div>" * 5000, "not_made"),
    ],
)
def test_a_document_that_is_not_accessible_is_refused(html: str, why: str) -> None:
    with pytest.raises(PdfFailed) as failed, PdfMaker(STATIC) as maker:
        made(maker, html)

    assert failed.value.why == why
    assert str(failed.value) == SENTENCES[why]


def test_what_asks_too_much_ends_the_child_and_not_the_service() -> None:
    bombs = ["<table><tr><td colspan=20000000>x</table>", "<b>" * 100_000, "<p>" + "x " * 9_000_000]
    with PdfMaker(STATIC, seconds=5) as maker:
        maker.start()
        for bomb in bombs:
            began = time.monotonic()
            with pytest.raises(PdfFailed) as failed:
                made(maker, HEAD + bomb)
            took = time.monotonic() - began

            assert failed.value.why in ("too_slow", "too_big")
            assert took < 12
            assert_pdf_ua(made(maker, report()))


def test_a_child_that_was_killed_is_replaced() -> None:
    others = children()
    with PdfMaker(STATIC) as maker:
        first = made(maker, report())
        for _ in range(3):
            (child,) = children() - others
            os.kill(child, signal.SIGKILL)
            assert made(maker, report()) == first


def test_a_child_killed_at_work_is_replaced_and_the_work_done() -> None:
    others = children()
    with PdfMaker(STATIC) as maker, ThreadPoolExecutor(1) as threads:
        maker.start()
        (child,) = children() - others
        waiting = threads.submit(made, maker, HEAD + "<p>" + "word " * 50_000)
        time.sleep(0.5)
        os.kill(child, signal.SIGKILL)

        assert_pdf_ua(waiting.result())


def test_threads_take_turns(maker: PdfMaker) -> None:
    documents = [HEAD + f"<p>Document {number}</p>" for number in range(8)]
    one_by_one = [made(maker, html) for html in documents]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda html: made(maker, html), documents))

    assert together == one_by_one


def test_when_too_many_wait_the_last_is_told_so() -> None:
    with PdfMaker(STATIC, seconds=0.6) as maker, ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(made, maker, HEAD + "<b>" * 100_000) for _ in range(12)]
        whys = {
            failed.why for failed in (one.exception() for one in waiting) if isinstance(failed, PdfFailed)
        }

    assert whys == {"too_slow", "busy"}


def test_a_fork_makes_its_own_child(maker: PdfMaker) -> None:
    first = made(maker, report())
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if made(maker, report()) == first else 1)
        finally:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert made(maker, report()) == first


def test_the_child_knows_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWFLOW_SECRET_KEY", "CANARY")
    others = children()
    with PdfMaker(STATIC) as maker:
        maker.start()
        (child,) = children() - others
        environment = Path(f"/proc/{child}/environ").read_bytes()

    assert b"PYTHONPATH" in environment
    assert b"CANARY" not in environment


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    others = children()
    with PdfMaker(STATIC) as maker:
        made(maker, report())

    assert list(tmp_path.iterdir()) == []
    assert children() == others


def test_a_missing_library_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "weasyprint.py"
    broken.write_text("raise OSError('cannot load library libgobject')")
    monkeypatch.setattr("reviewflow.pdf._environment", lambda _: {"PYTHONPATH": f"{tmp_path}:{TOP}"})

    with PdfMaker(STATIC) as maker, pytest.raises(PdfFailed, match="Pango or HarfBuzz is missing"):
        maker.start()


def test_the_printer_is_the_same_inside_this_process(maker: PdfMaker) -> None:
    printer = Printer(STATIC, ())

    assert printer.pdf(report(), "Report", DAY, "en-GB") == made(maker, report(), title="Report")


def drop(key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.Root[key]

    return change


def element(pdf: pikepdf.Pdf, kind: Name) -> pikepdf.Object:
    return next(thing for thing in pdf.objects if is_element(thing, kind))


def rename(old: Name, new: Name) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        element(pdf, old).S = new

    return change


def without_scope(pdf: pikepdf.Pdf) -> None:
    del element(pdf, Name.TH).A.Scope


def without_id_tree(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot.IDTree


def without_alternative(pdf: pikepdf.Pdf) -> None:
    del element(pdf, Name.Figure).Alt


def link(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return next(
        thing for thing in pdf.objects if isinstance(thing, Dictionary) and thing.get("/Subtype") == Name.Link
    )


def silent_link(pdf: pikepdf.Pdf) -> None:
    link(pdf).Contents = String(" ")


def link_outside(pdf: pikepdf.Pdf) -> None:
    link(pdf).A = Dictionary(S=Name.URI, URI=String("file:///srv/cases/report.html"))


def untagged_link(pdf: pikepdf.Pdf) -> None:
    rename(Name.Link, Name.Span)(pdf)


def without_embedded_font(pdf: pikepdf.Pdf) -> None:
    descriptor = next(thing for thing in pdf.objects if has(thing, "/FontFile2") or has(thing, "/FontFile3"))
    for key in {"/FontFile2", "/FontFile3"} & set(descriptor.keys()):
        del descriptor[key]


def without_unicode(pdf: pikepdf.Pdf) -> None:
    del next(thing for thing in pdf.objects if has(thing, "/ToUnicode")).ToUnicode


def attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["names.txt"] = b"CANARY"


def script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def author(pdf: pikepdf.Pdf) -> None:
    pdf.trailer.Info.Author = String("A coordinator")


def to_the_second(pdf: pikepdf.Pdf) -> None:
    pdf.trailer.Info.CreationDate = String("D:20260202093000Z")


def no_title(pdf: pikepdf.Pdf) -> None:
    del pdf.trailer.Info.Title


def in_xmp(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        text = pdf.Root.Metadata.read_bytes()
        assert old in text
        pdf.Root.Metadata = pdf.make_stream(text.replace(old, new), Type=Name.Metadata, Subtype=Name.XML)

    return change


def no_tab_order(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0].obj["/Tabs"]


def no_viewer_title(pdf: pikepdf.Pdf) -> None:
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


def unmarked(pdf: pikepdf.Pdf) -> None:
    pdf.Root.MarkInfo.Marked = False


def painted_over(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n0 0 0 rg 10 10 90 90 re f")


def loose_content(pdf: pikepdf.Pdf) -> None:
    document = pdf.Root.StructTreeRoot.K[0]
    document.K = Array(list(document.K)[1:])


FAULTS: list[tuple[Callable[[pikepdf.Pdf], None], str]] = [
    (drop("/StructTreeRoot"), "there is no structure tree"),
    (drop("/Lang"), "it has no language"),
    (drop("/Metadata"), "there are no XMP properties"),
    (unmarked, "it is not marked as tagged"),
    (no_viewer_title, "a reader would show the file name instead of the title"),
    (no_tab_order, "page 1 does not take its tab order from the structure"),
    (no_title, "the properties have no title"),
    (author, "the properties have /Author"),
    (to_the_second, "the creation date is not a day"),
    (in_xmp(b"<pdfuaid:part>1", b"<pdfuaid:part>2"), "XMP does not say PDF/UA part 1"),
    (in_xmp(b"Rapid review", b"Other"), "XMP has another title than the properties"),
    (in_xmp(b"2026-02-02", b"2026-02-02T09:30:00Z"), "XMP's creation date is not a day"),
    (in_xmp(b"<pdf:Producer>", b"<pdf:Keywords>x</pdf:Keywords><pdf:Producer>"), "XMP has {http://ns.adobe.com/pdf/1.3/}Keywords"),
    (rename(Name.H1, Name.P), "it does not begin with its one first-level heading"),
    (rename(Name.H2, Name.H4), "a heading of level 4 follows one of level 1"),
    (without_scope, "a table heading has no scope"),
    (without_id_tree, "a table cell names a heading that is not there"),
    (without_alternative, "a picture has no text alternative"),
    (silent_link, "a link does not say what it is"),
    (untagged_link, "a link is not in the structure"),
    (link_outside, "a link leads outside: file:///srv/cases/report.html"),
    (without_embedded_font, "is not embedded"),
    (without_unicode, "cannot be read as text"),
    (attach, "the document has /EmbeddedFiles"),
    (script, "an object holds a script, an action or a file"),
    (painted_over, "page 1 has something painted that is neither content nor artifact"),
    (loose_content, "has content that is in no element"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), FAULTS, ids=[sentence for _, sentence in FAULTS])
def test_our_rules_notice(good: bytes, change: Callable[[pikepdf.Pdf], None], sentence: str) -> None:
    broken = io.BytesIO()
    with pikepdf.open(io.BytesIO(good)) as pdf:
        change(pdf)
        pdf.save(broken, fix_metadata_version=False)

    found = faults(broken.getvalue())

    assert any(sentence in fault for fault in found), found
    with pytest.raises(AssertionError):
        assert_pdf_ua(broken.getvalue())


def test_our_rules_notice_a_second_revision(good: bytes) -> None:
    twice = good + good[good.rindex(b"startxref") :]

    assert "there is more than one revision" in faults(twice)
    assert "something follows the end of the file" in faults(good + b"hidden")
