"""What we mean by an accessible PDF that gives nothing away: PDF/UA-1 by our own rules, and few properties.

No validator is at hand, so this says "checked by our own rules", never "validated". Nothing of ours is
imported.
"""

import io
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from xml.etree import ElementTree

import pikepdf
from pikepdf import Array, Dictionary, Name

PROPERTIES = {"/Title", "/CreationDate", "/Producer"}
XMP_PROPERTIES = {
    "{http://purl.org/dc/elements/1.1/}title",
    "{http://purl.org/dc/elements/1.1/}language",
    "{http://ns.adobe.com/xap/1.0/}CreateDate",
    "{http://ns.adobe.com/pdf/1.3/}Producer",
    "{http://www.aiim.org/pdfua/ns/id/}part",
}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
ACTS = {"/JS", "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/Rendition", "/RichMedia"}
PAINTS = {
    "Tj",
    "TJ",
    "'",
    '"',
    "f",
    "F",
    "f*",
    "B",
    "B*",
    "b",
    "b*",
    "S",
    "s",
    "Do",
    "sh",
    "EI",
    "INLINE IMAGE",
}


def assert_pdf_ua(pdf: bytes, *, links_to: tuple[str, ...] = ()) -> None:
    """The bytes are an accessible PDF with nothing hidden; links outside begin with one of `links_to`."""
    found = faults(pdf, links_to=links_to)
    assert not found, "\n".join(found)


def faults(pdf: bytes, *, links_to: tuple[str, ...] = ()) -> list[str]:
    """Everything that is wrong, in plain sentences."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return list(_faults(pdf, opened, links_to))


def _faults(raw: bytes, pdf: pikepdf.Pdf, links_to: tuple[str, ...]) -> Iterator[str]:
    yield from _one_revision(raw, pdf)
    yield from _document(pdf)
    yield from _properties(pdf)
    yield from _nothing_hidden(pdf)
    yield from _fonts(pdf)
    if "/StructTreeRoot" not in pdf.Root:
        yield "there is no structure tree"
        return
    elements = list(_elements(pdf))
    yield from _headings(elements)
    yield from _tables(pdf, elements)
    yield from _figures(elements)
    yield from _links(pdf, elements, links_to)
    yield from _content(pdf, elements)


def _one_revision(raw: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    if raw.count(b"startxref") != 1 or raw.count(b"%%EOF") != 1 or "/Prev" in pdf.trailer:
        yield "there is more than one revision"
    if not raw.rstrip().endswith(b"%%EOF"):
        yield "something follows the end of the file"
    if pdf.is_encrypted:
        yield "it is encrypted"


def _document(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if not root.get("/MarkInfo", Dictionary()).get("/Marked", False):
        yield "it is not marked as tagged"
    if not str(root.get("/Lang", "")):
        yield "it has no language"
    if not root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False):
        yield "a reader would show the file name instead of the title"
    for number, page in enumerate(pdf.pages, start=1):
        if page.get("/Tabs") != Name.S:
            yield f"page {number} does not take its tab order from the structure"
        if "/StructParents" not in page:
            yield f"page {number} is not tied to the structure"


def _properties(pdf: pikepdf.Pdf) -> Iterator[str]:
    properties = pdf.trailer.get("/Info", Dictionary())
    title = str(properties.get("/Title", "")).strip()
    if not title:
        yield "the properties have no title"
    for key in set(properties.keys()) - PROPERTIES:
        yield f"the properties have {key}"
    if not re.fullmatch(r"D:\d{8}", str(properties.get("/CreationDate", ""))):
        yield "the creation date is not a day"
    if "/Metadata" not in pdf.Root:
        yield "there are no XMP properties"
        return
    text = pdf.Root.Metadata.read_bytes().decode().replace("\ufeff", "")
    values: dict[str, str] = {}
    for description in ElementTree.fromstring(text).iter(f"{RDF}Description"):
        values |= {key: value for key, value in description.attrib.items() if key != f"{RDF}about"}
        values |= {child.tag: "".join(child.itertext()).strip() for child in description}
    for key in set(values) - XMP_PROPERTIES:
        yield f"XMP has {key}"
    if values.get("{http://www.aiim.org/pdfua/ns/id/}part") != "1":
        yield "XMP does not say PDF/UA part 1"
    if values.get("{http://purl.org/dc/elements/1.1/}title") != title:
        yield "XMP has another title than the properties"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", values.get("{http://ns.adobe.com/xap/1.0/}CreateDate", "")):
        yield "XMP's creation date is not a day"


def _nothing_hidden(pdf: pikepdf.Pdf) -> Iterator[str]:
    names = pdf.Root.get("/Names", Dictionary())
    for key in ("/EmbeddedFiles", "/JavaScript"):
        if key in names:
            yield f"the document has {key}"
    for key in ("/AF", "/OpenAction", "/AA", "/AcroForm", "/OCProperties", "/Collection", "/PieceInfo"):
        if key in pdf.Root:
            yield f"the document has {key}"
    for thing in pdf.objects:
        if not isinstance(thing, Dictionary | pikepdf.Stream):
            continue
        keys = set(thing.keys())
        if keys & {"/JS", "/EF", "/AA"} or (str(thing.get("/S", "")) in ACTS) or "/Launch" in keys:
            yield "an object holds a script, an action or a file"
        if thing.get("/Type") == Name.Metadata and thing.objgen != pdf.Root.Metadata.objgen:
            yield "an object has properties of its own"
    for number, page in enumerate(pdf.pages, start=1):
        for key in ("/Metadata", "/PieceInfo", "/AF", "/AA", "/Thumb"):
            if key in page:
                yield f"page {number} has {key}"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for font in _all_fonts(pdf):
        name = str(font.get("/BaseFont", "a font"))
        if "/ToUnicode" not in font:
            yield f"{name} cannot be read as text"
        for part in font.get("/DescendantFonts", Array([font])):
            described = part.get("/FontDescriptor", Dictionary())
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys()):
                yield f"{name} is not embedded"


def _all_fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    seen = set()
    for page in pdf.pages:
        for font in page.get("/Resources", Dictionary()).get("/Font", Dictionary()).as_dict().values():
            if font.objgen not in seen:
                seen.add(font.objgen)
                yield font


def _children(element: pikepdf.Object) -> list[pikepdf.Object]:
    kids = element.get("/K", Array())
    kids = list(kids) if isinstance(kids, Array) else [kids]
    return [kid for kid in kids if isinstance(kid, Dictionary) and "/S" in kid]


def _elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Each structure element, in reading order."""
    waiting = _children(pdf.Root.StructTreeRoot)
    while waiting:
        element = waiting.pop(0)
        yield element
        waiting = _children(element) + waiting


def _headings(elements: Iterable[pikepdf.Object]) -> Iterator[str]:
    levels = [int(str(e.S)[2:]) for e in elements if re.fullmatch(r"/H[1-6]", str(e.S))]
    if levels.count(1) != 1 or levels[0] != 1:
        yield "it does not begin with its one first-level heading"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"


def _tables(pdf: pikepdf.Pdf, elements: Iterable[pikepdf.Object]) -> Iterator[str]:
    known = _ids(pdf)
    for element in elements:
        attributes = element.get("/A", Dictionary())
        if element.get("/S") == Name.TH:
            if attributes.get("/Scope") not in (Name.Row, Name.Column, Name.Both):
                yield "a table heading has no scope"
            if bytes(element.get("/ID", pikepdf.String(""))) not in known:
                yield "a table heading cannot be found by its ID"
        if element.get("/S") == Name.TD:
            for name in attributes.get("/Headers", Array()):
                if bytes(name) not in known:
                    yield "a table cell names a heading that is not there"
        if element.get("/S") == Name.Table and not any(child.S in _ROWS for child in _children(element)):
            yield "a table has no rows"


_ROWS = (Name.TR, Name.THead, Name.TBody, Name.TFoot)


def _ids(pdf: pikepdf.Pdf) -> set[bytes]:
    tree = pdf.Root.StructTreeRoot.get("/IDTree")
    if tree is None:
        return set()
    leaves = [tree, *tree.get("/Kids", Array())]
    return {bytes(name) for leaf in leaves for name in list(leaf.get("/Names", Array()))[::2]}


def _figures(elements: Iterable[pikepdf.Object]) -> Iterator[str]:
    for element in elements:
        if element.get("/S") == Name.Figure and not str(element.get("/Alt", "")).strip():
            yield "a picture has no text alternative"


def _links(pdf: pikepdf.Pdf, elements: Iterable[pikepdf.Object], links_to: tuple[str, ...]) -> Iterator[str]:
    tagged = {
        kid.Obj.objgen
        for element in elements
        if element.get("/S") == Name.Link
        for kid in element.K
        if isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR
    }
    for page in pdf.pages:
        for annotation in page.get("/Annots", Array()):
            if annotation.Subtype != Name.Link:
                yield f"there is an annotation of kind {annotation.Subtype}"
                continue
            if not str(annotation.get("/Contents", "")).strip():
                yield "a link does not say what it is"
            if annotation.objgen not in tagged or "/StructParent" not in annotation:
                yield "a link is not in the structure"
            if "/A" in annotation:
                address = str(annotation.A.get("/URI", annotation.A.get("/S")))
                if not (links_to and address.startswith(links_to)):
                    yield f"a link leads outside: {address}"


def _content(pdf: pikepdf.Pdf, elements: Iterable[pikepdf.Object]) -> Iterator[str]:
    """All that is painted is content of an element in the tree, or an artifact."""
    in_tree = {element.objgen for element in elements}
    numbers = list(pdf.Root.StructTreeRoot.get("/ParentTree", Dictionary()).get("/Nums", Array()))
    owners = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
    for place, page in enumerate(pdf.pages, start=1):
        owned = list(owners.get(int(page.get("/StructParents", -1)), Array()))
        for fault in sorted(set(_loose(page, owned, in_tree))):
            yield f"page {place} has {fault}"


def _loose(page: pikepdf.Page, owned: list[pikepdf.Object], in_tree: set[tuple[int, int]]) -> Iterator[str]:
    open_marks: list[bool] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        act = str(operator)
        if act in ("BMC", "BDC"):
            artifact = operands[0] == Name.Artifact
            number = operands[1].get("/MCID") if len(operands) > 1 else None
            if number is not None:
                owner = owned[int(number)] if int(number) < len(owned) else None
                if not isinstance(owner, Dictionary) or owner.objgen not in in_tree:
                    yield "content that is in no element"
            open_marks.append(artifact or number is not None)
        elif act == "EMC":
            open_marks.pop()
        elif act in PAINTS and not any(open_marks):
            yield "something painted that is neither content nor artifact"
