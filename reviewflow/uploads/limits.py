"""How large an upload may be, packed and unpacked, and the one way to say no to it."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
LARGEST_FILE = 20 * MEGABYTE
LARGEST_PART = 100 * MEGABYTE
LARGEST_UNPACKED = 150 * MEGABYTE
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = MEGABYTE
MOST_PARTS = 2_000
MOST_PIXELS = 50_000_000
MOST_PIXELS_IN_A_PDF = 300_000_000
MOST_SCANS = 100
MOST_PDF_OBJECTS = 200_000
MOST_PDF_FILTERS = 4
MOST_NESTING = 200

DAMAGED = (
    "We could not read the file: it is damaged or not complete. "
    "Open it on your computer, save it again and upload the new copy."
)
BOMB = (
    "The file unpacks to far more than its size, so we did not open it. "
    "Save its contents as a PDF and upload that."
)


class UploadRefused(Exception):
    """A file that may not come in. The sentence is shown to the person and says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it will be kept: what it is, its bytes, and what to tell the person about it."""

    media_type: str
    extension: str
    content: bytes
    notes: tuple[str, ...]
