"""The ratifier's page: what waits, on what evidence, until when, and the choices there are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort

from reviewflow.web import clock
from reviewflow.web.case_file import opened_case
from reviewflow.web.database import definitions
from reviewflow.web.page import show
from reviewflow.web.read.ratifying import ratification_page

pages = Blueprint("ratifying", __name__)


@pages.get("/cases/<case_id>/ratification")
def ratification(case_id: str) -> Any:
    """What is recommended and what has become of it, on one screen; for those with the whole file."""
    with opened_case(case_id, "ratification") as file:
        if not file.relation.has_whole_file:
            abort(403)
        definition = definitions()[file.case.review, file.case.definition_version]
        return show("cases/ratification.html", ratification_page(file, definition, clock.now()))
