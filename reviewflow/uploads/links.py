"""What the parts of a Word or Excel file refer to: which links stay, which go, which refuse the file."""

import posixpath
import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import quoteattr

from reviewflow.uploads import markup
from reviewflow.uploads.limits import UploadRefused

MACROS = "The file contains macros. Save it as .docx or .xlsx without macros and try again."
EMBEDDED = (
    "The file has another file or a control embedded in it. Remove it, or save the document as a PDF, "
    "and upload the embedded file by itself."
)
REMOTE_TEMPLATE = (
    "The file fetches its template from another computer. In Word, attach the Normal template, "
    "save the file and try again."
)
OUTSIDE = (
    "The file fetches content from somewhere else when it is opened. Break its links to other files, "
    "or save it as a PDF, and try again."
)
PROPERTIES_REMOVED = "Document properties, such as the author, the company and the dates, were removed."
PRINTER_REMOVED = "Printer settings were removed."
TEMPLATE_REMOVED = "The link to the template on the author’s computer was removed."
LINKS_REMOVED = "Links to files on another computer were removed; links to web pages were kept."

# The last word of a link's type says what it is; the two editions of the standard differ only before it.
MACRO_KINDS = frozenset(
    [
        "vbaProject",
        "wordVbaData",
        "xlMacrosheet",
        "xlIntlMacrosheet",
        "dialogsheet",
        "attachedToolbars",
        "extensibility",
    ]
)
EMBEDDED_KINDS = frozenset(
    [
        "oleObject",
        "package",
        "control",
        "activeXControlBinary",
        "ctrlProp",
        "aFChunk",
        "webextension",
        "webextensiontaskpanes",
        "powerPivotData",
        "video",
        "audio",
        "media",
    ]
)
OUTSIDE_KINDS = frozenset(
    [
        "externalLink",
        "connections",
        "queryTable",
        "subDocument",
        "frame",
        "mailMergeSource",
        "mailMergeHeaderSource",
        "recipientData",
    ]
)
PROPERTY_KINDS = frozenset(
    [
        "core-properties",
        "extended-properties",
        "custom-properties",
        "thumbnail",
        "customXml",
        "customXmlProps",
        "classificationlabels",
        "labelinfo",
        "userxmldata",
        "keyMapCustomizations",
    ]
)
WEB = ("https://", "http://", "mailto:", "tel:")
LOCAL_TEMPLATE = re.compile(r"(?:file:/{0,3})?[a-z]:[\\/]|[^\\/:]+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship: from the part that holds it to another part, or to somewhere outside."""

    id: str
    type: str
    target: str
    outside: bool

    @property
    def kind(self) -> str:
        """The last word of its type, such as `hyperlink`."""
        return self.type.rpartition("/")[2]


def links_name(source: str) -> str:
    """Where a package keeps the links of a part (the package itself being the empty name)."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def read_links(content: bytes) -> list[Link]:
    """The links in a part's list of links."""
    read: list[Link] = []

    def one(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship":
            outside = attributes.get("TargetMode", "").lower() == "external"
            identity, kind, target = (attributes.get(key, "") for key in ("Id", "Type", "Target"))
            read.append(Link(identity, kind, target, outside))

    markup.walk(content, one)
    return read


def judge(link: Link) -> tuple[Link | None, str]:
    """The link as it may stay (None where it goes) and a note; raises UploadRefused where the file falls."""
    if link.kind in MACRO_KINDS:
        raise UploadRefused(MACROS)
    if link.kind == "attachedTemplate":
        if LOCAL_TEMPLATE.match(link.target.strip()) is None:
            raise UploadRefused(REMOTE_TEMPLATE)
        return None, TEMPLATE_REMOVED
    if link.kind in EMBEDDED_KINDS:
        raise UploadRefused(EMBEDDED)
    if link.kind in OUTSIDE_KINDS or (link.outside and link.kind != "hyperlink"):
        raise UploadRefused(OUTSIDE)
    if link.kind in PROPERTY_KINDS:
        return None, PROPERTIES_REMOVED
    if link.kind == "printerSettings":
        return None, PRINTER_REMOVED
    if link.outside and not link.target.strip().lower().startswith(WEB):
        return replace(link, target="about:blank"), LINKS_REMOVED
    return link, ""


def links_xml(links: list[Link]) -> bytes:
    """A part's list of links, written anew."""
    rows = [_row(link) for link in links]
    return markup.document("Relationships", "relationships", rows)


def _row(link: Link) -> str:
    mode = ' TargetMode="External"' if link.outside else ""
    identity, kind, target = quoteattr(link.id), quoteattr(link.type), quoteattr(link.target)
    return f"<Relationship Id={identity} Type={kind} Target={target}{mode}/>"
