"""Your work, the list of cases, and the page of each case."""

from __future__ import annotations

from flask import Blueprint, request

from reviewflow.web import clock
from reviewflow.web.case_file import opened_case
from reviewflow.web.database import definitions, reading
from reviewflow.web.page import show
from reviewflow.web.read import case, listing, work
from reviewflow.web.signed_in import current_person, current_roles

cases = Blueprint("cases", __name__)


@cases.get("/")
def your_work() -> tuple[str, int]:
    """What waits for the person who is asking, what is due first standing first."""
    person, held = current_person(), current_roles()
    after = work.key_from(request.args.get("after", ""))
    with reading() as session:
        page = work.work_page(session, definitions(), person, held, clock.now(), after)
    return show("work/work.html", page)


@cases.get("/cases")
def listing_of_cases() -> tuple[str, int]:
    """The cases that the person who is asking may know of."""
    with reading() as session:
        page = listing.cases_page(
            session, definitions(), current_person(), clock.now(), request.args.to_dict()
        )
    return show("cases/list.html", page)


@cases.get("/cases/<case_id>")
def one_case(case_id: str) -> tuple[str, int]:
    """One case, as much of it as the person who is asking may see."""
    with opened_case(case_id, "case") as file:
        definition = definitions()[file.case.review, file.case.definition_version]
        page = case.case_page(file, definition, clock.now())
    return show("cases/case.html", page)
