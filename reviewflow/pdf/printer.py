"""The child that makes PDFs: WeasyPrint with our typeface, limits, and no files but the bundled ones.

Run by `PdfMaker` as `python -m reviewflow.pdf.printer`. It is the only place that loads WeasyPrint.
"""

from __future__ import annotations

import json
import logging
import math
import os
import resource
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from reviewflow.pdf import receive, send
from reviewflow.pdf.tags import OutsideLink, finished

TYPEFACE = "Atkinson Hyperlegible Next"
# WeasyPrint cannot share out one family by Unicode range, so ŵ and ŷ come from a second family.
FACES = {
    "app:latin-400.woff2": (TYPEFACE, 400),
    "app:latin-700.woff2": (TYPEFACE, 700),
    "app:latin-ext-400.woff2": (f"{TYPEFACE} Ext", 400),
    "app:latin-ext-700.woff2": (f"{TYPEFACE} Ext", 700),
}
BUNDLED = {
    "app:pdf.css": ("pdf.css", "text/css"),
    "app:mark.svg": ("mark.svg", "image/svg+xml"),
} | {
    name: (f"vendor/fonts/atkinson-hyperlegible-next-{name[4:-6]}-normal.woff2", "font/woff2")
    for name in FACES
}
SVG = "{http://www.w3.org/2000/svg}"
WARM_UP = '<html lang="en-GB"><title>ready</title><link rel="stylesheet" href="app:pdf.css"><h1>ready ŵ</h1>'


class _Faults(logging.Handler):
    """Keeps which errors WeasyPrint logged, by their wording and not by what they were about.

    It logs them and writes the file all the same, without the text alternative or the picture.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        wording = str(record.msg)
        if "alt description" in wording:
            self.found.append("no_alternative")
        elif "anchor" in wording:
            self.found.append("broken_link")
        else:
            self.found.append("not_made")


class _Refused(Exception):
    """The document is not fit to be a PDF; the argument is a word of SENTENCES."""


class Printer:
    """WeasyPrint, loaded, with our typeface and a fetcher that knows our bundled files only."""

    def __init__(self, static: Path, links_to: Sequence[str]) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        self._weasyprint = weasyprint
        self._links_to = tuple(links_to)
        self._files = {
            name: ((static / place).read_bytes(), kind)
            for name, (place, kind) in BUNDLED.items()
            if (static / place).is_file()
        }
        self._fonts = FontConfiguration()
        self._faces = weasyprint.CSS(
            string=_font_faces(self._files),
            base_url="app:",
            url_fetcher=self.fetch,
            font_config=self._fonts,
        )
        self._faults = _Faults()
        logger = logging.getLogger("weasyprint")
        logger.handlers = [self._faults]
        logger.propagate = False

    def fetch(self, url: str) -> Any:
        """The bundled file of exactly this name; anything else ends the rendering."""
        from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

        if url not in self._files:
            raise FatalURLFetchingError("not bundled")
        body, kind = self._files[url]
        return URLFetcherResponse(url, body, {"Content-Type": kind})

    def pdf(self, html: str, title: str, created_on: date, language: str) -> bytes:
        """The finished document. Raises _Refused."""
        from weasyprint.urls import FatalURLFetchingError

        self._faults.found.clear()
        try:
            source = self._weasyprint.HTML(string=html, base_url="app:", url_fetcher=self.fetch)
            _check_source(source.etree_element, language)
            document = source.render(font_config=self._fonts, stylesheets=[self._faces])
            if document.metadata.attachments:
                raise _Refused("outside_file")
            raw = document.write_pdf(pdf_variant="pdf/ua-1")
        except FatalURLFetchingError as error:
            raise _Refused("outside_file") from error
        if self._faults.found:
            raise _Refused(self._faults.found[0])
        try:
            return finished(raw, title, created_on, language, self._links_to)
        except OutsideLink as error:
            raise _Refused("outside_link") from error


def _font_faces(files: dict[str, tuple[bytes, str]]) -> str:
    return "".join(
        f'@font-face {{font-family: "{family}"; font-weight: {weight}; src: url({name})}}'
        for name, (family, weight) in FACES.items()
        if name in files
    )


def _check_source(root: Any, language: str) -> None:
    if root.get("lang") != language:
        raise _Refused("no_language")
    if any(heading.get("scope") not in ("row", "col") for heading in root.iter("th")):
        raise _Refused("no_scope")
    # WeasyPrint says nothing about a drawing without its words.
    if any(not (drawing.findtext(f"{SVG}title") or "").strip() for drawing in root.iter(f"{SVG}svg")):
        raise _Refused("no_alternative")


def _limit(memory_mb: int) -> None:
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * 1024 * 1024, 8 * 1024 * 1024))  # the unpacked fonts
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _limit_processor(seconds: int) -> None:
    # Counted over the child's whole life. It matters when the parent is gone and nobody looks at the clock.
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))


def main(options: str) -> None:
    """The child's life: load, say so, then a job and an answer at a time until the parent closes the pipe."""
    asked = json.loads(options)
    # A library that prints must not print into our messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit(asked["memory_mb"])
    try:
        printer = Printer(Path(asked["static"]), asked["links_to"])
        printer.pdf(WARM_UP, "ready", date(2026, 1, 1), "en-GB")
    except OSError:
        send(out, b"F", b"no_libraries")
        return
    send(out, b"R", b"")
    while True:
        try:
            _, job = receive(sys.stdin.buffer)
        except EOFError:
            return
        _limit_processor(asked["seconds"])
        kind, answer = _do(printer, json.loads(job))
        send(out, kind, answer)
        if answer == b"too_big":
            return


def _do(printer: Printer, job: dict[str, str]) -> tuple[bytes, bytes]:
    try:
        made = printer.pdf(job["html"], job["title"], date.fromisoformat(job["created_on"]), job["language"])
    except _Refused as refused:
        return b"F", str(refused).encode()
    except MemoryError:
        return b"F", b"too_big"
    except Exception:
        # Whatever a library trips over: the text of its error could quote the document.
        return b"F", b"not_made"
    return b"P", made


if __name__ == "__main__":
    main(sys.argv[1])
