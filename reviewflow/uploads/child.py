"""The process that opens a file somebody sent: it is stopped at its limits and writes to no disk."""

import contextlib
import json
import resource
import sys

from pikepdf.settings import qpdf_limit_errors, set_qpdf_limits

from reviewflow.uploads.cleaning import clean
from reviewflow.uploads.limits import DAMAGED, LARGEST_FILE, LARGEST_PART, MOST_SCANS, UploadRefused

PROCESSOR_SECONDS = 30
MEMORY = 1536 * 1024 * 1024


def main() -> None:
    """Reads a file from standard input; writes one line of JSON and then the cleaned bytes."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    set_qpdf_limits(
        flate_max_memory=LARGEST_PART,
        run_length_max_memory=LARGEST_PART,
        png_max_memory=LARGEST_PART,
        tiff_max_memory=LARGEST_PART,
        dct_max_memory=LARGEST_PART,
        dct_max_progressive_scans=MOST_SCANS,
    )
    content = sys.stdin.buffer.read(LARGEST_FILE + 1)
    answer, cleaned = _answer(content)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + cleaned)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.flush()


def _answer(content: bytes) -> tuple[dict[str, object], bytes]:
    try:
        kept = clean(content)
        if qpdf_limit_errors():  # part of the file was left out, so what was looked at is not all of it
            raise UploadRefused(DAMAGED)
    except UploadRefused as refused:
        # Only the kind of error goes into the log: its message may quote the document.
        because = type(refused.__cause__).__name__ if refused.__cause__ else ""
        return {"refused": refused.sentence, "because": because}, b""
    return {"media_type": kept.media_type, "extension": kept.extension, "notes": kept.notes}, kept.content


if __name__ == "__main__":
    main()
