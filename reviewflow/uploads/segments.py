"""Pictures inside documents: their metadata is cut out without touching how they look."""

import re
import struct
from collections.abc import Iterator

from PIL import ExifTags, Image

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
START_OF_SCAN, END_OF_IMAGE, EXIF, COLOURS, ADOBE, JFIF, COMMENT = 0xDA, 0xD9, 0xE1, 0xE2, 0xEE, 0xE0, 0xFE
EXIF_NAME = b"Exif\x00\x00"
# Within a scan, FF stands before 00 (a real FF) or a restart mark; anything else ends the scan.
AFTER_A_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


def without_metadata(content: bytes) -> bytes:
    """A JPEG or PNG without camera, place, author, texts, previews or anything behind its end.

    The pixels, the colour profile and the way up stay as they were. Other content comes back unchanged.
    A JPEG without an end, as some scanners make them, is given one.
    Raises ValueError for a JPEG or PNG that breaks off before its pixels.
    """
    if content.startswith(JPEG):
        return b"".join(_jpeg_pieces(content))
    if content.startswith(PNG):
        return b"".join(_png_pieces(content))
    return content


def _png_pieces(content: bytes) -> Iterator[bytes]:
    yield PNG
    at = len(PNG)
    while at + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind not in PNG_TEXTS:
            yield content[at : at + 12 + length]
        at += 12 + length
        if kind == b"IEND":
            return
    raise ValueError("the PNG breaks off")


def _jpeg_pieces(content: bytes) -> Iterator[bytes]:
    yield b"\xff\xd8"
    at = 2
    scans = 0
    while at + 4 <= len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if mark == 0xFF:  # padding
            at += 1
            continue
        if mark == END_OF_IMAGE:
            break
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if mark == START_OF_SCAN:
            scans += 1
            after = AFTER_A_SCAN.search(content, end)
            end = after.end() - 2 if after else len(content)
        yield _kept(mark, content[at:end])
        at = end
    if not scans:
        raise ValueError("the JPEG breaks off")
    yield b"\xff\xd9"


def _kept(mark: int, segment: bytes) -> bytes:
    if mark == EXIF and segment[4:].startswith(EXIF_NAME):
        return _way_up(segment[4:])
    named = {JFIF: b"JFIF\x00", COLOURS: b"ICC_PROFILE\x00", ADOBE: b"Adobe"}.get(mark)
    if named is not None:
        return segment if segment[4:].startswith(named) else b""
    return b"" if 0xE0 <= mark <= 0xEF or mark == COMMENT else segment


def _way_up(found: bytes) -> bytes:
    """An EXIF segment that says nothing but which way up the picture is; empty when that is as stored."""
    exif = Image.Exif()
    try:
        exif.load(found)
    except (SyntaxError, ValueError, LookupError, struct.error):
        return b""
    orientation = exif.get(ExifTags.Base.Orientation, 1)
    if orientation not in range(2, 9):
        return b""
    only = Image.Exif()
    only[ExifTags.Base.Orientation] = orientation
    content = only.tobytes()
    return b"\xff\xe1" + (len(content) + 2).to_bytes(2) + content
