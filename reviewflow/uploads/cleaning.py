"""What a file is, from its first bytes, and the room that cleans it."""

from reviewflow.uploads.limits import DAMAGED, Cleaned, UploadRefused
from reviewflow.uploads.office import clean_office
from reviewflow.uploads.papers import HEADER, TWO_FILES_IN_ONE, clean_paper
from reviewflow.uploads.pictures import JPEG, PNG, clean_picture

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WANTED = (
    "The file must be a PDF, Word (.docx), Excel (.xlsx), PNG or JPEG file. "
    "Save it as one of these and try again."
)
OLD = (
    "The file is an old Word or Excel file, an email, or protected with a password. "
    "Save it as .docx, .xlsx or PDF without a password and try again."
)
PHONE_PICTURE = (
    "The picture is in a format (HEIC or AVIF) that cannot be uploaded. Save it as a JPEG and try again."
)
HEADER_MAY_START = 1024


def clean(content: bytes) -> Cleaned:
    """The content as it may be kept. Raises UploadRefused, and nothing else, for everything that may not.

    What a file is called, or was sent as, plays no part.
    """
    try:
        return _clean(content)
    except UploadRefused:
        raise
    except Exception as error:
        # Hostile bytes reach parsers we did not write, which fail in ways nobody lists; each such failure is
        # a refusal.
        raise UploadRefused(DAMAGED) from error


def _clean(content: bytes) -> Cleaned:
    if content.startswith(HEADER):
        return clean_paper(content)
    if content.startswith(ZIP):
        return clean_office(content)
    if content.startswith((PNG, JPEG)):
        return clean_picture(content)
    raise UploadRefused(_sentence_for(content))


def _sentence_for(content: bytes) -> str:
    if HEADER in content[:HEADER_MAY_START]:
        return TWO_FILES_IN_ONE
    if content.startswith(OLD_OFFICE):
        return OLD
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"msf1"):
        return PHONE_PICTURE
    return WANTED
