"""The maker of PDFs of this process, for those that are made while somebody waits."""

from __future__ import annotations

from flask import Flask, current_app

from reviewflow.pdf import PdfMaker
from reviewflow.settings import resource_folder

MAKER = "reviewflow.pdf_maker"


def offer_maker(app: Flask) -> None:
    """From now on a page of `app` can make a PDF; its child process starts with the first."""
    app.extensions[MAKER] = PdfMaker(resource_folder("static"))


def maker() -> PdfMaker:
    """The maker of this process."""
    kept: PdfMaker = current_app.extensions[MAKER]
    return kept
