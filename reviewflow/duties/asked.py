"""The requests that wait for somebody in an agency: to be answered, to be signed off, or late."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union_all
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Case
from reviewflow.duties.rows import A_PAGE, COLUMNS, Asker, Key, Listed, case_row, end_of
from reviewflow.people import AGENCY_ROLES
from reviewflow.requests import OPEN, InformationRequest, Standing

RANK = 1
SIGN_OFF = "Sign off: {}"
LATE = "The agency's return is late"

_BY_DAY = (InformationRequest.due_on, InformationRequest.id)


def asked_requests(session: Session, asker: Asker) -> Iterator[Listed]:
    """The requests that the person's agency still owes, as far as it is this person's turn: one query."""
    if asker.person.agency_id is None or not asker.roles & set(AGENCY_ROLES):
        return
    both = union_all(*_branches(asker)).subquery()
    rows = session.execute(select(both).order_by(both.c.due_on, both.c.request_id).limit(A_PAGE + 1))
    for row in rows:
        case = case_row(row, asker.roles)
        rule = asker.definitions[case.review, case.definition_version].requests.get(row.name)
        yield Listed(
            Key(end_of(row.due_on), RANK, row.request_id),
            case,
            _what(row.standing, asker.roles, rule.title if rule else "Request for information"),
            f"/cases/{case.public_id}/requests/{row.request_public_id}",
            row.due_on,
        )


def _branches(asker: Asker) -> Iterator[Select[Any]]:
    """A list for each standing, so that each is read in order from an index and ends with its page."""
    request = InformationRequest
    for standing, mine in _owed_by(asker):
        found = (
            select(
                *COLUMNS,
                request.id.label("request_id"),
                request.public_id.label("request_public_id"),
                request.name,
                request.standing,
                request.due_on,
            )
            .join(Case, Case.id == request.case_id)
            .where(
                request.agency_id == asker.person.agency_id,
                request.standing == standing,
                Case.is_open.is_(True),
                asker.days_after(RANK, request.due_on, request.id),
                mine,
            )
        )
        yield select(found.order_by(*_BY_DAY).limit(A_PAGE + 1).subquery())


def _owed_by(asker: Asker) -> Iterator[tuple[Standing, ColumnElement[bool]]]:
    """A contact owes the return until it goes for sign-off; a senior lead signs it, or hears it is late."""
    passed_to, late = InformationRequest.passed_to_id, InformationRequest.due_on < asker.today
    mine = or_(passed_to.is_(None), passed_to == asker.person.id)
    contact, senior = (role in asker.roles for role in AGENCY_ROLES)
    for standing in OPEN:
        yield standing, or_(mine, late) if contact and senior else mine if contact else late
    if senior:
        yield Standing.AWAITING_SIGN_OFF, InformationRequest.id.is_not(None)


def _what(standing: str, roles: Collection[str], title: str) -> str:
    if standing == Standing.AWAITING_SIGN_OFF:
        return SIGN_OFF.format(title)
    return title if "agency_contact" in roles else LATE
