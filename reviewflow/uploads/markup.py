"""XML read without ever following a document type, an entity or another file."""

from collections.abc import Callable
from xml.parsers import expat

from reviewflow.uploads.limits import DAMAGED, MOST_NESTING, UploadRefused

ENTITIES = (
    "The file contains XML entities, which can be used to attack a reader. "
    "Open it in Word or Excel, save it under a new name and try again."
)

Element = Callable[[str, dict[str, str]], None]


def walk(content: bytes, on_element: Element, on_field: Callable[[str], None] | None = None) -> str:
    """Calls `on_element(local name, attributes)` for every element, in order; returns the name of the first.

    `on_field` gets the text of Word's field instructions, where a document can start a program.
    Raises UploadRefused for a document type, an entity, an encoding other than UTF-8, or bad XML.
    """
    if b"\x00" in content[:4] or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UploadRefused(DAMAGED)
    parser = expat.ParserCreate(namespace_separator=" ")
    locals_: dict[str, str] = {}  # a sheet repeats a few names a million times
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_NESTING:
            raise UploadRefused(DAMAGED)
        local = locals_.get(name)
        if local is None:
            local = locals_[name] = name.rpartition(" ")[2]
        on_element(local, attributes)
        if on_field is not None and local in ("instrText", "delInstrText"):
            parser.CharacterDataHandler = on_field

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1
        parser.CharacterDataHandler = None

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.XmlDeclHandler = _only_utf8
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UploadRefused(DAMAGED) from error
    return next(iter(locals_.values()), "")


def attribute(attributes: dict[str, str], local: str) -> str:
    """The value of an attribute whatever the prefix of its namespace; empty when it is not there."""
    for name, value in attributes.items():
        if name.rpartition(" ")[2] == local:
            return value
    return ""


def document(root: str, space: str, rows: list[str]) -> bytes:
    """One of a package's own lists, such as its content types, from rows of finished XML."""
    opening = f'<{root} xmlns="http://schemas.openxmlformats.org/package/2006/{space}">'
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return (declaration + opening + "".join(rows) + f"</{root}>").encode()


def _only_utf8(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii"):
        raise UploadRefused(DAMAGED)


def _refuse_doctype(*_parts: object) -> None:
    raise UploadRefused(ENTITIES)  # an entity can only be declared inside a document type
