"""What may come in as a file: decided by its content, never by its name."""

import json
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from reviewflow.uploads.limits import LARGEST_FILE, Cleaned, UploadRefused
from reviewflow.uploads.names import safe_name

__all__ = ["LARGEST_FILE", "Upload", "UploadRefused", "accept"]

SECONDS = 45
EMPTY = "The file is empty. Save it again and upload the new copy."
TOO_LARGE = (
    "The file is larger than 20 MB. Make it smaller, for example by reducing its pictures, or split it."
)
TOO_LONG = "The file took too long to check. Save it as a PDF, or split it, and try again."
NOT_CHECKED = "We could not check the file just now. Try again in a few minutes."
RENAMED = "The name was changed to end in .{extension}, because that is what the file contains."
AT_ONCE = threading.BoundedSemaphore(2)  # a large picture takes hundreds of megabytes while drawn again
ABOVE_THE_PACKAGE = Path(__file__).resolve().parents[2]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: cleaned bytes (at most 20 MB), what it is, its safe name, what changed.

    `notes` are sentences for the person who sent it: what was removed, and hidden things to look at.
    """

    media_type: str
    extension: str
    content: bytes
    name: str
    notes: tuple[str, ...]


def accept(content: bytes, name: str) -> Upload:
    """The file as it may be kept, whatever it was called: PDF, DOCX, XLSX, PNG or JPEG, cleaned of metadata.

    A name with another ending is corrected and a note says so: endings are often wrong by accident (a phone's
    `.jpeg`, a scan saved without one), and what is dangerous is refused by its content.
    The work is done in a process of its own within 45 seconds and 1.5 GB of memory.
    Raises UploadRefused, with a sentence for the person, and nothing else.
    """
    if not content:
        raise UploadRefused(EMPTY)
    if len(content) > LARGEST_FILE:
        raise UploadRefused(TOO_LARGE)
    if not AT_ONCE.acquire(timeout=SECONDS):
        raise UploadRefused(NOT_CHECKED)
    try:
        cleaned = _cleaned_elsewhere(content)
    finally:
        AT_ONCE.release()
    if len(cleaned.content) > LARGEST_FILE:
        raise UploadRefused(TOO_LARGE)
    extension = cleaned.extension
    shown, renamed = safe_name(name, extension)
    notes = cleaned.notes + ((RENAMED.format(extension=extension),) if renamed else ())
    return Upload(cleaned.media_type, extension, cleaned.content, shown, notes)


def _cleaned_elsewhere(content: bytes) -> Cleaned:
    """What the child process makes of it, which is given no settings, no addresses and no secrets."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "reviewflow.uploads.child"],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            cwd="/",
            env={"PYTHONPATH": str(ABOVE_THE_PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise UploadRefused(TOO_LONG) from late
    if done.returncode < 0:
        log.warning("checking a file was stopped by signal %d", -done.returncode)
        raise UploadRefused(TOO_LONG)
    if done.returncode > 0:
        log.error("checking a file ended with status %d", done.returncode)
        raise UploadRefused(NOT_CHECKED)
    line, _newline, cleaned = done.stdout.partition(b"\n")
    answer = json.loads(line)
    if "refused" in answer:
        log.info("a file was refused (%s)", answer["because"] or "by a rule")
        raise UploadRefused(answer["refused"])
    return Cleaned(answer["media_type"], answer["extension"], cleaned, tuple(answer["notes"]))
