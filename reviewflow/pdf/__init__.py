"""HTML in, PDF/UA-1 bytes out: made by a child process that reads nothing but our own bundled files.

The web and the worker hold a `PdfMaker`. It keeps one child, `python -m reviewflow.pdf.printer`, with
WeasyPrint loaded and warm. What people write goes to the child through a pipe and comes back as a PDF; a text
that makes the child too slow or too large ends the child, never the service. Parent and child speak in
messages of one letter, a length and so many bytes; a refusal is one of the words in `SENTENCES`, so that
nothing of the document can get into a log.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO

SENTENCES = {
    "too_slow": "The PDF took too long to make and was stopped. Shorten the text, then try again.",
    "too_big": "The PDF needed too much memory and was stopped. Shorten the text, then try again.",
    "busy": "Too many PDFs are being made at once. Try again in a minute.",
    "stopped": "The program that makes PDFs stopped before it was done. Try again.",
    "not_made": "The document could not be made into a PDF.",
    "no_libraries": "PDFs cannot be made here: Pango or HarfBuzz is missing. Install them, then start again.",
    "outside_file": "The document asks for a file that is not part of the service, so no PDF was made.",
    "outside_link": "The document has a link to an address that is not allowed, so no PDF was made.",
    "broken_link": "The document has a link to a part of it that does not exist, so no PDF was made.",
    "no_alternative": "A picture in the document has no text alternative, so no PDF was made.",
    "no_language": "The document does not say which language it is in, so no PDF was made.",
    "no_scope": "A heading in a table does not say whether it is for a row or a column, so no PDF was made.",
}

START_SECONDS = 60.0  # loading WeasyPrint takes under a second, but not on a machine that is starting up
# How a library ends when it gets no memory. The same document would end it again, so we do not try twice.
CRASHES = tuple(-number for number in (signal.SIGABRT, signal.SIGBUS, signal.SIGSEGV, signal.SIGTRAP))
RENDERS_PER_CHILD = 100  # each leaves up to a megabyte behind in the libraries


class PdfFailed(Exception):
    """No PDF was made. `why` is a word of SENTENCES and the message its sentence; neither quotes the text."""

    def __init__(self, why: str) -> None:
        self.why = why if why in SENTENCES else "not_made"
        super().__init__(SENTENCES[self.why])


class _Died(Exception):
    """The child ended without an answer; its return code is the argument."""


class PdfMaker:
    """Makes PDFs, one at a time, in a child that starts with the first one and again whenever it was stopped.

    `static` is the folder of our style sheets and typeface. One PDF may take `seconds`, of clock and of
    processor, and the child `memory_mb` megabytes of address space. `links_to` lists how an address outside
    the document may begin; without it there may be none. Any thread may call it; each process has its own.
    """

    def __init__(
        self, static: Path, *, seconds: float = 20.0, memory_mb: int = 512, links_to: Sequence[str] = ()
    ) -> None:
        self._seconds = seconds
        self._options = json.dumps(
            {
                "static": str(static.resolve()),
                "seconds": math.ceil(seconds),
                "memory_mb": memory_mb,
                "links_to": list(links_to),
            }
        )
        self._child: _Child | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> PdfMaker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """The child is loaded and warm. Raises PdfFailed where PDFs cannot be made at all."""
        with self._lock:
            self._ready_child()

    def make_pdf(self, html: str, *, title: str, created_on: date, language: str = "en-GB") -> bytes:
        """The document as PDF/UA-1, with this title, date and language and no other properties.

        The same arguments give the same bytes, as long as the libraries are the same. Raises PdfFailed.
        """
        job = json.dumps(
            {"html": html, "title": title, "created_on": created_on.isoformat(), "language": language}
        ).encode()
        if not self._lock.acquire(timeout=2 * self._seconds):
            raise PdfFailed("busy")
        try:
            return self._made(job)
        finally:
            self._lock.release()

    def close(self) -> None:
        """The child has ended and its temporary folder is gone. The next PDF starts another."""
        with self._lock:
            self._end_child()

    def _made(self, job: bytes) -> bytes:
        try:
            kind, answer = self._answer(job)
        except _Died:
            # It may have been ended from outside, while idle or at work. Once more, with a new one.
            try:
                kind, answer = self._answer(job)
            except _Died as died:
                raise PdfFailed("stopped") from died
        if kind != b"P":
            raise PdfFailed(answer.decode("ascii", "replace"))
        return answer

    def _answer(self, job: bytes) -> tuple[bytes, bytes]:
        child = self._ready_child()
        try:
            kind, answer = child.ask(job, self._seconds)
        except (_Died, PdfFailed):
            self._end_child()
            raise
        if child.asked >= RENDERS_PER_CHILD:
            self._end_child()
            self._child = _Child(self._options)  # loads while nobody waits for it
        return kind, answer

    def _ready_child(self) -> _Child:
        if self._child is not None and self._child.parent != os.getpid():
            self._child = None  # another process's: we are a fork of it
        if self._child is None:
            self._child = _Child(self._options)
        try:
            self._child.wait_until_ready()
        except (_Died, PdfFailed) as failed:
            self._end_child()
            raise PdfFailed(failed.why if isinstance(failed, PdfFailed) else "stopped") from failed
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.parent == os.getpid():
            child.end()


class _Child:
    """One child process, seen from its parent."""

    def __init__(self, options: str) -> None:
        self.parent = os.getpid()
        self.asked = 0
        self._ready = False
        self._folder = tempfile.mkdtemp(prefix="reviewflow-pdf-")
        # Not a fork: the parent has threads. Neither our settings nor our secrets go with it.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "reviewflow.pdf.printer", options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=_environment(self._folder),
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """WeasyPrint is loaded in the child. Raises PdfFailed where it cannot be."""
        if self._ready:
            return
        kind, answer = self._within(START_SECONDS, lambda out, _: receive(out))
        if kind != b"R":
            raise PdfFailed(answer.decode("ascii", "replace"))
        self._ready = True

    def ask(self, job: bytes, seconds: float) -> tuple[bytes, bytes]:
        """The child's answer. Raises PdfFailed after `seconds`, or _Died; the child is then ended."""

        def exchange(out: IO[bytes], into: IO[bytes]) -> tuple[bytes, bytes]:
            send(into, b"J", job)
            return receive(out)

        self.asked += 1
        return self._within(seconds, exchange)

    def _within(
        self, seconds: float, exchange: Callable[[IO[bytes], IO[bytes]], tuple[bytes, bytes]]
    ) -> tuple[bytes, bytes]:
        out, into = self._process.stdout, self._process.stdin
        assert out is not None
        assert into is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            return exchange(out, into)
        except (EOFError, OSError) as error:
            self._process.kill()
            code = self._process.wait()
            if late.is_set() or code == -signal.SIGXCPU:
                raise PdfFailed("too_slow") from error
            if code in CRASHES:
                raise PdfFailed("stopped") from error
            raise _Died(code) from error
        finally:
            timer.cancel()

    def end(self) -> None:
        """The process is gone, its pipes closed, its folder removed."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what a killed child has not read
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _environment(folder: str) -> dict[str, str]:
    kept = ("PATH", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME", "HOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": folder,
    }


def send(pipe: IO[bytes], kind: bytes, payload: bytes) -> None:
    pipe.write(struct.pack(">cI", kind, len(payload)))
    pipe.write(payload)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    kind, length = struct.unpack(">cI", _exactly(pipe, 5))
    return kind, _exactly(pipe, length)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    found = pipe.read(length)
    if len(found) < length:
        raise EOFError
    return found
