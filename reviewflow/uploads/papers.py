"""PDF files: looked through object by object, and written again without their history and properties."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable

import pikepdf

from reviewflow.uploads.limits import (
    BOMB,
    DAMAGED,
    LARGEST_PART,
    LARGEST_UNPACKED,
    MOST_NESTING,
    MOST_PDF_FILTERS,
    MOST_PDF_OBJECTS,
    MOST_PIXELS_IN_A_PDF,
    Cleaned,
    UploadRefused,
)
from reviewflow.uploads.segments import without_metadata

HEADER = b"%PDF-"
END = b"%%EOF"
AFTER_THE_END = re.compile(rb"[\s\x00]*")
PIECE = 256 * 1024
SCRIPT = "The PDF contains a script. Print it to a new PDF and upload that."
LAUNCH = (
    "The PDF can start a program or send what is typed in it elsewhere. "
    "Print it to a new PDF and upload that."
)
ATTACHED = (
    "The PDF has other files attached. Remove them, or print it to a new PDF, and upload each file by itself."
)
ELSEWHERE = "The PDF fetches content from somewhere else. Print it to a new PDF and upload that."
MEDIA = "The PDF contains video, sound or 3D content. Print it to a new PDF and upload that."
XFA = (
    "The PDF is an interactive form of a kind that cannot be checked. Print it to a new PDF and upload that."
)
PASSWORD = (
    "The PDF is protected with a password or restrictions. "
    "Save it without them, or print it to a new PDF, and try again."
)
TWO_FILES_IN_ONE = (
    "The PDF has other content hidden in front of it or behind it. Print it to a new PDF and upload that."
)
TOO_MANY_OBJECTS = "The PDF is too complicated to check. Print it to a new PDF, or split it, and upload that."
NO_PAGES = "The PDF has no pages. Save it again and upload the new copy."

REMOVED = "Document properties, such as the author, the program and the dates, were removed."
PICTURES_CLEANED = "Details stored in pictures, such as where they were taken, were removed."
LINKS_REMOVED = "Links to files on another computer were removed; links to web pages were kept."
SIGNATURE = (
    "Please look: the PDF was digitally signed. The copy kept here no longer carries a valid signature."
)
COMMENTS = "Please look: the PDF contains comments or marks, perhaps with the names of who made them."
LAYERS = "Please look: the PDF contains layers, some of which may be hidden."

RUNS = {
    "/JavaScript": SCRIPT,
    "/Rendition": SCRIPT,
    "/Launch": LAUNCH,
    "/ImportData": LAUNCH,
    "/SubmitForm": LAUNCH,
    "/GoToE": ATTACHED,
    "/RichMediaExecute": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
}
HOLDS = {
    "/JS": SCRIPT,
    "/JavaScript": SCRIPT,
    "/XFA": XFA,
    "/EmbeddedFiles": ATTACHED,
    "/EF": ATTACHED,
    "/RichMediaContent": MEDIA,
}
SHOWS = {
    "/FileAttachment": ATTACHED,
    "/RichMedia": MEDIA,
    "/Screen": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/3D": MEDIA,
}
MARKS = frozenset(
    {"/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Ink", "/Stamp", "/Caret"}
)
PROPERTIES = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
WEB = ("https://", "http://", "mailto:", "tel:")


def clean_paper(content: bytes) -> Cleaned:
    """The same pages in a new file: no properties, no XMP, one revision, nothing that nothing refers to.

    Raises UploadRefused for scripts, actions that start programs, attached files, video and sound, XFA,
    encryption, other content before or behind, and streams that unpack to more than the limits.
    """
    _refuse_two_in_one(content)
    try:
        pdf = pikepdf.open(io.BytesIO(content))
    except pikepdf.PasswordError as locked:
        raise UploadRefused(PASSWORD) from locked
    with pdf:
        if pdf.is_encrypted:
            raise UploadRefused(PASSWORD)
        if len(pdf.objects) > MOST_PDF_OBJECTS:
            raise UploadRefused(TOO_MANY_OBJECTS)
        if len(pdf.pages) == 0:
            raise UploadRefused(NO_PAGES)
        notes = _Look(pdf).through()
        out = io.BytesIO()
        pdf.save(
            out,
            deterministic_id=True,
            fix_metadata_version=False,
            preserve_pdfa=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return Cleaned("application/pdf", "pdf", out.getvalue(), notes)


def _refuse_two_in_one(content: bytes) -> None:
    end = content.rfind(END)
    if end < 0:
        raise UploadRefused(DAMAGED)
    behind = content[end + len(END) :]
    if AFTER_THE_END.fullmatch(behind) is None or zipfile.is_zipfile(io.BytesIO(content)):
        raise UploadRefused(TWO_FILES_IN_ONE)


class _Look:
    """One walk over every object of a PDF."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.notes: dict[str, None] = {}
        self.unpacked = 0

    def through(self) -> tuple[str, ...]:
        if "/Info" in self.pdf.trailer:
            del self.pdf.trailer["/Info"]
            self.notes[REMOVED] = None
        for thing in self.pdf.objects:
            self._visit(thing, 0)
        return tuple(self.notes)

    def _visit(self, thing: pikepdf.Object, depth: int) -> None:
        if depth > MOST_NESTING:
            raise UploadRefused(DAMAGED)
        if isinstance(thing, pikepdf.Stream):
            self._weigh(thing)
            self._clean_photograph(thing)
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            self._judge(thing)
            self._strip(thing)
            inside = [value for _key, value in thing.items()]
        elif isinstance(thing, pikepdf.Array):
            inside = list(thing)
        else:
            return
        for value in inside:
            # an indirect object has its own turn in the walk
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                self._visit(value, depth + 1)

    def _judge(self, thing: pikepdf.Object) -> None:
        for key, sentence in HOLDS.items():
            if key in thing:
                raise UploadRefused(sentence)
        if (sentence := RUNS.get(_name(thing, "/S"), "")) or (
            sentence := SHOWS.get(_name(thing, "/Subtype"), "")
        ):
            raise UploadRefused(sentence)
        if _name(thing, "/Type") == "/EmbeddedFile":
            raise UploadRefused(ATTACHED)
        if _name(thing, "/FT") == "/Sig" or "/ByteRange" in thing:
            self.notes[SIGNATURE] = None
        if _name(thing, "/Subtype") in MARKS and "/Rect" in thing:
            self.notes[COMMENTS] = None
        if "/OCGs" in thing:
            self.notes[LAYERS] = None

    def _strip(self, thing: pikepdf.Object) -> None:
        for key in PROPERTIES:
            if key in thing:
                del thing[key]
                self.notes[REMOVED] = None
        action = _name(thing, "/S")
        elsewhere = action in ("/GoToR", "/Thread") and "/F" in thing
        if action == "/URI" and "/URI" in thing:
            elsewhere = (
                not bytes(thing["/URI"]).strip().lower().startswith(tuple(word.encode() for word in WEB))
            )
        if elsewhere:
            for key in list(thing.keys()):
                del thing[key]
            self.notes[LINKS_REMOVED] = None

    def _weigh(self, stream: pikepdf.Stream) -> None:
        """Unpacks a stream piece by piece, keeping nothing, to see how much is really in it."""
        if "/F" in stream:
            raise UploadRefused(ELSEWHERE)
        pixels = _number(stream, "/Width") * _number(stream, "/Height")
        if pixels > MOST_PIXELS_IN_A_PDF:
            raise UploadRefused(BOMB)
        filters = _filters(stream)
        if len(filters) > MOST_PDF_FILTERS:
            raise UploadRefused(BOMB)
        count = self._counting()
        for name in reversed(filters):
            if name not in ("/FlateDecode", "/Fl"):
                return
            count = _inflating(count)
        if filters:
            count(stream.read_raw_bytes())

    def _clean_photograph(self, stream: pikepdf.Stream) -> None:
        """A scan or a phone's photograph is put into a PDF as it is, with where it was taken."""
        if _filters(stream) not in (["/DCTDecode"], ["/DCT"]):
            return
        content = stream.read_raw_bytes()
        kept = without_metadata(content)
        if kept != content:
            options = stream.get("/DecodeParms")
            if isinstance(options, pikepdf.Array) and len(options) == 1:
                options = options[0]
            colours = options if isinstance(options, pikepdf.Dictionary) else None
            stream.write(kept, filter=pikepdf.Name.DCTDecode, decode_parms=colours)
            self.notes[PICTURES_CLEANED] = None

    def _counting(self) -> Callable[[bytes], None]:
        here = 0

        def count(piece: bytes) -> None:
            nonlocal here
            here += len(piece)
            self.unpacked += len(piece)
            if here > LARGEST_PART or self.unpacked > LARGEST_UNPACKED:
                raise UploadRefused(BOMB)

        return count


def _inflating(onwards: Callable[[bytes], None]) -> Callable[[bytes], None]:
    unpacking = zlib.decompressobj()

    def inflate(piece: bytes) -> None:
        while piece and not unpacking.eof:
            try:
                onwards(unpacking.decompress(piece, PIECE))
            except zlib.error:
                return  # readers stop here too: the rest of the stream is never shown
            piece = unpacking.unconsumed_tail

    return inflate


def _filters(stream: pikepdf.Stream) -> list[str]:
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _name(thing: pikepdf.Object, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _number(thing: pikepdf.Object, key: str) -> int:
    value = thing.get(key)
    return max(int(value), 0) if isinstance(value, int) else 0
