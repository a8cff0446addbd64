"""Word and Excel files: checked part by part against what they say they are, and packed anew."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from reviewflow.uploads import markup
from reviewflow.uploads.limits import DAMAGED, Cleaned, UploadRefused
from reviewflow.uploads.links import (
    EMBEDDED,
    MACROS,
    PRINTER_REMOVED,
    TEMPLATE_REMOVED,
    Link,
    judge,
    links_name,
    links_xml,
    read_links,
)
from reviewflow.uploads.packages import Package, pack
from reviewflow.uploads.segments import without_metadata

TYPES = "[Content_Types].xml"
ROOT = ""
OFFICE = "application/vnd.openxmlformats-officedocument"
WORD = f"{OFFICE}.wordprocessingml.document"
EXCEL = f"{OFFICE}.spreadsheetml.sheet"
MAIN = {
    f"{WORD}.main+xml": (WORD, "docx", "document"),
    f"{EXCEL}.main+xml": (EXCEL, "xlsx", "workbook"),
}
TEMPLATE = "The file is a template. Save it as a .docx or .xlsx file and try again."
NOT_OFFICE = (
    "A zip file cannot be uploaded. Unpack it and upload each document in it as a PDF, Word (.docx), "
    "Excel (.xlsx), PNG or JPEG file."
)
OPEN_DOCUMENT = "OpenDocument files cannot be uploaded. Save the file as .docx, .xlsx or PDF and try again."
COMMANDS = "The file contains a field that can start a program. Save it as a PDF and try again."
SCRIPTED_PICTURE = (
    "A drawing in the file contains a script. Replace the drawing with a picture and try again."
)

PICTURES_CLEANED = "Details stored in pictures, such as where they were taken, were removed."
UNUSED_REMOVED = "Parts of the file that its document does not use were removed."

MACRO_PARTS = re.compile(
    r"vbaproject|vbadata|macrosheets/|dialogsheets/|customui/|attachedtoolbars", re.IGNORECASE
)
EMBEDDED_PARTS = re.compile(r"(?:^|/)(?:embeddings|activex|ctrlprops|webextensions)/", re.IGNORECASE)
OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF", b"%PDF-", b"{\\rtf", b"<", b"#!")
BINARY = re.compile(r"image/(?:png|jpe?g|gif|bmp|tiff|x-emf|x-wmf|vnd\.ms-photo)$|application/x-fontdata$")
FONT = f"{OFFICE}.obfuscatedFont"
PROGRAM_FIELD = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
TEMPLATE_ELEMENT = re.compile(
    rb"<(?:[\w.-]+:)?attachedTemplate\b[^<>]*(?:/>|>\s*</(?:[\w.-]+:)?attachedTemplate\s*>)"
)
PRINTER_ATTRIBUTE = re.compile(
    rb"(<(?:[\w.-]+:)?pageSetup\b[^<>]*?)\s[\w.-]+:id\s*=\s*(?:\"[^\"]*\"|'[^']*')"
)
# Excel notes the folder a workbook was saved in, which names its user, and who reserved it.
WHERE_IT_WAS_SAVED = re.compile(
    rb"(<(?:[\w.-]+:)?(?:absPath\b[^<>]*?\surl|fileSharing\b[^<>]*?\suserName)\s*=\s*)(?:\"[^\"]*\"|'[^']*')"
)
OFF = frozenset({"0", "false", "off"})


def clean_office(content: bytes) -> Cleaned:
    """The same document with only the parts it uses, no properties and fixed times.

    Raises UploadRefused for macros, embedded files and controls, content fetched from elsewhere,
    entities, fields that start programs, and anything that is not the Word or Excel file it claims to be.
    """
    package = Package(content)
    if TYPES not in package:
        raise UploadRefused(OPEN_DOCUMENT if "META-INF/manifest.xml" in package else NOT_OFFICE)
    return _Document(package).cleaned()


class _Document:
    def __init__(self, package: Package) -> None:
        self.package = package
        self.notes: dict[str, None] = {}
        self.defaults: dict[str, str] = {}
        self.overrides: dict[str, str] = {}
        self.spelled = {name.lower(): name for name in package.names()}
        self.fields: list[str] = []

    def cleaned(self) -> Cleaned:
        self._refuse_names()
        markup.walk(self.package.read(TYPES), self._content_type)
        self._refuse_types()
        links = self._reachable()
        main = next((link for link in links[ROOT] if link.kind == "officeDocument"), None)
        main_name = self._part(ROOT, main.target) if main else None
        if main_name is None or self._type(main_name) not in MAIN:
            raise UploadRefused(NOT_OFFICE)
        media_type, extension, _root = MAIN[self._type(main_name)]
        content = pack(self._parts(links))
        if PROGRAM_FIELD.search("".join(self.fields)):
            raise UploadRefused(COMMANDS)
        return Cleaned(media_type, extension, content, tuple(self.notes))

    def _parts(self, links: dict[str, list[Link]]) -> Iterator[tuple[str, bytes]]:
        yield TYPES, self._types_of(links)
        for name, outgoing in links.items():
            if name != ROOT:
                yield name, self._part_content(name)
            if outgoing:
                yield links_name(name), links_xml(outgoing)

    def note(self, sentence: str) -> None:
        self.notes[sentence] = None

    # what the package says its parts are

    def _content_type(self, element: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "")
        if element == "Default":
            self.defaults[attributes.get("Extension", "").lower()] = kind
        elif element == "Override":
            self.overrides[attributes.get("PartName", "").lstrip("/").lower()] = kind

    def _type(self, name: str) -> str:
        ending = name.rpartition(".")[2].lower()
        return self.overrides.get(name.lower()) or self.defaults.get(ending, "")

    def _refuse_names(self) -> None:
        for name in self.spelled.values():
            if MACRO_PARTS.search(name):
                raise UploadRefused(MACROS)
            if EMBEDDED_PARTS.search(name):
                raise UploadRefused(EMBEDDED)

    def _refuse_types(self) -> None:
        for kind in (*self.overrides.values(), *self.defaults.values()):
            lower = kind.lower()
            if "macro" in lower or "vba" in lower:
                raise UploadRefused(MACROS)
            if "activex" in lower or "oleobject" in lower:
                raise UploadRefused(EMBEDDED)
            if lower.endswith("template.main+xml"):
                raise UploadRefused(TEMPLATE)

    def _types_of(self, links: dict[str, list[Link]]) -> bytes:
        kept = {name.lower() for name in links}
        endings = {name.rpartition(".")[2] for name in kept} | {"rels"}
        rows = [
            f"<Default Extension={quoteattr(ending)} ContentType={quoteattr(kind)}/>"
            for ending, kind in self.defaults.items()
            if ending in endings
        ]
        rows += [
            f"<Override PartName={quoteattr('/' + self.spelled[name])} ContentType={quoteattr(kind)}/>"
            for name, kind in self.overrides.items()
            if name in kept
        ]
        return markup.document("Types", "content-types", rows)

    # what belongs to what

    def _reachable(self) -> dict[str, list[Link]]:
        """Every part the document uses, with the links it keeps; what nothing points to is left behind."""
        links: dict[str, list[Link]] = {}
        waiting = [ROOT]
        while waiting:
            name = waiting.pop(0)
            if name in links:
                continue
            links[name] = self._kept_links(name)
            found = (self._part(name, link.target) for link in links[name] if not link.outside)
            waiting += [part for part in found if part is not None]
        packed = {TYPES.lower(), *(name.lower() for name in links)}
        if any(not key.endswith(".rels") and key not in packed for key in self.spelled):
            self._note_left_behind(packed)
        return links

    def _note_left_behind(self, packed: set[str]) -> None:
        properties = ("docprops/", "docmetadata/", "customxml/")
        left = [key for key in self.spelled if key not in packed and not key.endswith(".rels")]
        if any(not key.startswith(properties) and "printersettings" not in key for key in left):
            self.note(UNUSED_REMOVED)

    def _part(self, source: str, target: str) -> str | None:
        folder = posixpath.dirname(source)
        for spelling in (target, unquote(target)):
            path = spelling if spelling.startswith("/") else posixpath.join("/", folder, spelling)
            found = self.spelled.get(posixpath.normpath(path.partition("#")[0]).lstrip("/").lower())
            if found is not None:
                return found
        return None

    def _kept_links(self, source: str) -> list[Link]:
        name = links_name(source)
        if name not in self.package:
            return []
        judged = [judge(link) for link in read_links(self.package.read(name))]
        self.notes |= {note: None for _link, note in judged if note}
        return [link for link, _note in judged if link is not None]

    # what the parts hold

    def _part_content(self, name: str) -> bytes:
        kind = self._type(name)
        content = self.package.read(name)
        if kind.endswith(("+xml", "/xml")) or "vmlDrawing" in kind:
            on_field = self.fields.append if "wordprocessingml" in kind else None
            root = markup.walk(content, self._looking_at(kind), on_field)
            if kind in MAIN and root != MAIN[kind][2]:
                raise UploadRefused(DAMAGED)
            return self._tidied(content)
        if BINARY.match(kind) is None and kind != FONT:
            raise UploadRefused(EMBEDDED)
        if kind != FONT and content.startswith(OTHER_FILES):
            raise UploadRefused(EMBEDDED)
        kept = without_metadata(content)
        if kept != content:
            self.note(PICTURES_CLEANED)
        return kept

    def _looking_at(self, kind: str) -> markup.Element:
        if kind.startswith("image/svg"):
            return _refuse_scripts
        if kind.startswith(f"{WORD}.main"):
            return self._in_text
        if kind.startswith(f"{OFFICE}.wordprocessingml."):
            return self._in_fields
        return self._in_workbook if "spreadsheetml" in kind else _nothing

    def _in_fields(self, element: str, attributes: dict[str, str]) -> None:
        if element == "fldSimple":
            self.fields.append(f" {markup.attribute(attributes, 'instr')} ")

    def _in_text(self, element: str, attributes: dict[str, str]) -> None:
        self._in_fields(element, attributes)
        if element == "vanish" and markup.attribute(attributes, "val") not in OFF:
            self.note("Please look: the file contains hidden text.")
        elif element in ("ins", "del", "moveFrom"):
            self.note("Please look: the file contains tracked changes, with the names of who made them.")
        elif element == "commentReference":
            self.note("Please look: the file contains comments, with the names of who wrote them.")

    def _in_workbook(self, element: str, attributes: dict[str, str]) -> None:
        if element == "sheet" and attributes.get("state", "visible") != "visible":
            self.note("Please look: the file contains hidden sheets.")
        elif element in ("row", "col") and attributes.get("hidden", "0") in ("1", "true"):
            self.note("Please look: the file contains hidden rows or columns.")
        elif element == "pivotCacheDefinition":
            self.note("Please look: the file contains a pivot table, which can hold a copy of its source.")
        elif element in ("comment", "threadedComment"):
            self.note("Please look: the file contains comments, with the names of who wrote them.")

    def _tidied(self, content: bytes) -> bytes:
        """A link that is gone may not be pointed at, or Word and Excel call the file damaged."""
        if TEMPLATE_REMOVED in self.notes:
            content = TEMPLATE_ELEMENT.sub(b"", content)
        if PRINTER_REMOVED in self.notes:
            content = PRINTER_ATTRIBUTE.sub(rb"\1", content)
        return WHERE_IT_WAS_SAVED.sub(rb'\1""', content)


def _refuse_scripts(element: str, attributes: dict[str, str]) -> None:
    handlers = any(name.rpartition(" ")[2].lower().startswith("on") for name in attributes)
    if handlers or element.lower() in ("script", "foreignobject", "iframe"):
        raise UploadRefused(SCRIPTED_PICTURE)


def _nothing(_element: str, _attributes: dict[str, str]) -> None:
    """Parts that are only checked for being sound XML."""
