"""What WeasyPrint leaves open in a PDF/UA-1 file: table headings, page footers, properties and links."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

PRODUCER = "ReviewFlow"
# Texts are written as hexadecimal, so these bytes can be nothing else in a page's stream.
MARKED = re.compile(rb"/\w+\s*<</MCID (\d+)>>\s*BDC")
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{created_on}</xmp:CreateDate><pdf:Producer>{producer}</pdf:Producer><pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


class OutsideLink(Exception):
    """The document has a link, or something else to press, that leads where it may not."""


def finished(raw: bytes, title: str, created_on: date, language: str, links_to: Sequence[str]) -> bytes:
    """The same pages, complete in their tags, with no properties but title, language, day and producer.

    One revision, the same bytes for the same arguments. Raises OutsideLink unless each link stays inside the
    document or begins with one of `links_to`.
    """
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        _refuse_other_links(pdf, tuple(links_to))
        elements = list(_elements(pdf))
        _describe_table_headings(pdf, elements)
        _set_page_footers_apart(pdf, {element.objgen for element in elements})
        _write_properties(pdf, NOT_IN_XML.sub("", title), created_on, language)
        out = io.BytesIO()
        pdf.save(out, min_version="1.7", deterministic_id=True, fix_metadata_version=False)
    return out.getvalue()


def _refuse_other_links(pdf: Pdf, links_to: tuple[str, ...]) -> None:
    for page in pdf.pages:
        for annotation in page.get("/Annots", Array()):
            action = annotation.get("/A")
            inside = action is None and "/Dest" in annotation
            address = str(action.get("/URI", "")) if action is not None else ""
            allowed = bool(links_to) and address.startswith(links_to)
            if annotation.Subtype != Name.Link or not (inside or allowed):
                raise OutsideLink


def _elements(pdf: Pdf) -> Iterator[pikepdf.Object]:
    """Each structure element that hangs in the document's tree."""
    waiting = list(pdf.Root.StructTreeRoot.K.as_list())
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(_children(element))


def _children(element: pikepdf.Object) -> list[pikepdf.Object]:
    kids = element.get("/K", Array())
    return [kid for kid in kids.as_list() if isinstance(kid, pikepdf.Object) and kid.get("/S") is not None]


def _describe_table_headings(pdf: Pdf, elements: list[pikepdf.Object]) -> None:
    """Each TH says whether it is for its row or its column, and can be found by its ID."""
    headings: dict[bytes, pikepdf.Object] = {}
    for row in elements:
        if row.S != Name.TR:
            continue
        cells = _children(row)
        # A cell names the headings it stands under; those in its own row can only be for the row.
        named = {bytes(name) for cell in cells if "/A" in cell for name in cell.A.get("/Headers", Array())}
        for cell in cells:
            if cell.S == Name.TH:
                key = bytes(cell.ID)
                cell.A.Scope = Name.Row if key in named else Name.Column
                headings[key] = cell
    if headings:
        names = [item for key in sorted(headings) for item in (String(key), headings[key])]
        limits = [String(min(headings)), String(max(headings))]
        leaf = pdf.make_indirect(Dictionary(Names=Array(names), Limits=Array(limits)))
        pdf.Root.StructTreeRoot.IDTree = pdf.make_indirect(Dictionary(Kids=Array([leaf])))


def _set_page_footers_apart(pdf: Pdf, in_tree: set[tuple[int, int]]) -> None:
    """What stands in the margins is an artifact: a reader does not hear "page 2 of 4" in mid-sentence.

    WeasyPrint marks it as content, but of elements that hang nowhere.
    """
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums.as_list()
    parents = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
    for page in pdf.pages:
        owners = parents[int(page.StructParents)]
        loose = {number for number, owner in enumerate(owners.as_list()) if owner.objgen not in in_tree}
        if not loose:
            continue

        def mark(found: re.Match[bytes], loose: set[int] = loose) -> bytes:
            return b"/Artifact <</Type /Pagination>> BDC" if int(found[1]) in loose else found[0]

        page.Contents = pdf.make_stream(MARKED.sub(mark, page.Contents.read_bytes()))
        for number in loose:
            owners[number] = None


def _write_properties(pdf: Pdf, title: str, created_on: date, language: str) -> None:
    properties = Dictionary(
        Title=String(title),
        CreationDate=String(f"D:{created_on:%Y%m%d}"),
        Producer=String(PRODUCER),
    )
    pdf.trailer.Info = pdf.make_indirect(properties)
    pdf.Root.Lang = String(language)
    text = XMP.format(
        title=escape(title), language=escape(language), created_on=created_on.isoformat(), producer=PRODUCER
    )
    pdf.Root.Metadata = pdf.make_stream(text.encode(), Type=Name.Metadata, Subtype=Name.XML)
