"""Zip packages read part by part, with every limit counted on the bytes that really come out."""

import io
import zipfile
from collections.abc import Iterable

from reviewflow.uploads.limits import (
    BOMB,
    DAMAGED,
    LARGEST_PART,
    LARGEST_RATIO,
    LARGEST_UNPACKED,
    MOST_PARTS,
    RATIO_COUNTS_FROM,
    UploadRefused,
)

LOCAL_HEADER = 30
END_RECORD = b"PK\x05\x06"
END_RECORD_SIZE = 22
PIECE = 256 * 1024
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
TWO_FILES_IN_ONE = (
    "The file has other content hidden in front of it, behind it or between its parts. "
    "Open it, save it under a new name and upload the new copy."
)
PASSWORD = "The file is protected with a password. Save it without a password and try again."


class Package:
    """The parts of one zip file, by name as other programs see it (case does not matter)."""

    def __init__(self, content: bytes) -> None:
        """Raises UploadRefused when the package is damaged, doubled, overlapping, or has too many parts."""
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        entries = self._archive.infolist()
        if len(entries) > MOST_PARTS:
            raise UploadRefused(BOMB)
        _refuse_other_content(content, self._archive)
        _refuse_overlaps(entries, self._archive.start_dir)
        self._unpacked = 0
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            _check_entry(entry)
            key = entry.filename.lower()
            if key in self._parts:
                raise UploadRefused(DAMAGED)
            if not entry.is_dir():
                self._parts[key] = entry

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self) -> list[str]:
        """The names of all parts, in the order of the file."""
        return [entry.filename for entry in self._parts.values()]

    def read(self, name: str) -> bytes:
        """The bytes of one part. Sizes are counted while unpacking, because declared sizes can lie."""
        entry = self._parts[name.lower()]
        taken = bytearray()
        with self._archive.open(entry) as stream:
            while piece := stream.read(PIECE):
                taken += piece
                self._unpacked += len(piece)
                most = max(RATIO_COUNTS_FROM, LARGEST_RATIO * entry.compress_size)
                if len(taken) > min(LARGEST_PART, most) or self._unpacked > LARGEST_UNPACKED:
                    raise UploadRefused(BOMB)
        return bytes(taken)


def _refuse_other_content(content: bytes, archive: zipfile.ZipFile) -> None:
    end = content.rfind(END_RECORD)
    starts = [entry.header_offset for entry in archive.infolist()]
    if archive.comment or end + END_RECORD_SIZE != len(content) or min(starts, default=0) != 0:
        raise UploadRefused(TWO_FILES_IN_ONE)


def _refuse_overlaps(entries: Iterable[zipfile.ZipInfo], directory: int) -> None:
    """Python 3.11.7 unpacks entries that share their bytes; a small file could then fill the memory."""
    reached = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < reached:
            raise UploadRefused(BOMB)
        reached = entry.header_offset + LOCAL_HEADER + len(entry.orig_filename.encode()) + entry.compress_size
    if reached > directory:
        raise UploadRefused(BOMB)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 1:
        raise UploadRefused(PASSWORD)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UploadRefused(DAMAGED)
    strange = "\\" in entry.orig_filename or ":" in name or not name.isprintable()
    if strange or name.startswith("/") or ".." in name.split("/"):
        raise UploadRefused(DAMAGED)


def pack(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file with nothing but names and contents: no times, comments, extra fields or owners."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content)
    return out.getvalue()
