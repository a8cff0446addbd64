"""How a page opens a case: only for those who may know of it, and never without a note of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import abort
from sqlalchemy.orm import Session

from reviewflow import access
from reviewflow.access import Relation
from reviewflow.casefile.tables import Case
from reviewflow.people import Person
from reviewflow.web import clock, database
from reviewflow.web.signed_in import current_person


@dataclass(frozen=True)
class CaseFile:
    """A case as the person who is asking has it open."""

    session: Session
    case: Case
    person: Person
    relation: Relation


@contextmanager
def opened_case(case_id: str, what: str) -> Iterator[CaseFile]:
    """The case with this public id, open for reading; that it was read is on record before it is shown.

    `what` names the part of the file, such as "case" or "chronology". A case the person may not know of is
    a 404, as if there were none.
    """
    with database.reading() as session:
        file = find_case(session, case_id)
        note_reading(session, file.person, file.case, what)
        yield file


def note_reading(session: Session, person: Person, case: Case, what: str) -> None:
    """Afterwards it is on record that `person` opened `what` of the case. `session` is for looking only."""
    if not access.was_read(session, person, case, clock.now(), what):
        with database.writing() as writing:
            access.read_case(writing, person, case, clock.now(), what)


def find_case(session: Session, case_id: str) -> CaseFile:
    """The case with this public id as the person who is asking stands to it; otherwise 404."""
    person = current_person()
    found = access.case_for(session, case_id, person, clock.now())
    if found is None:
        abort(404)
    return CaseFile(session, found[0], person, found[1])
