"""Agencies added and changed, each change in the register."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow.people import Agency, Area, register
from reviewflow.people.roles import NotPossible


def add_agency(
    session: Session, area: Area, name: str, kind: str, partner: str | None, by_id: int | None, now: datetime
) -> Agency:
    """Afterwards the area has this agency. Raises NotPossible for a name it has already."""
    _refuse_doubled(session, area.id, name, None)
    agency = Agency(area_id=area.id, name=name, kind=kind, partner=partner)
    session.add(agency)
    session.flush()
    register.enter(session, "agency added", _said(agency), by_id, now)
    return agency


def change_agency(
    session: Session,
    agency: Agency,
    name: str,
    kind: str,
    partner: str | None,
    ended_on: date | None,
    by_id: int | None,
    now: datetime,
) -> None:
    """Afterwards the agency is called this; one that has ended is not asked any more."""
    _refuse_doubled(session, agency.area_id, name, agency.id)
    agency.name, agency.kind, agency.partner, agency.ended_on = name, kind, partner, ended_on
    session.flush()
    register.enter(session, "agency changed", _said(agency), by_id, now)


def _refuse_doubled(session: Session, area_id: int, name: str, own_id: int | None) -> None:
    same = select(Agency.id).where(Agency.area_id == area_id, func.lower(Agency.name) == name.lower())
    if session.scalar(same.where(Agency.id != (own_id or 0)).limit(1)) is not None:
        raise NotPossible("This area has an agency with this name already")


def _said(agency: Agency) -> dict[str, str | None]:
    return {
        "agency": agency.public_id,
        "name": agency.name,
        "kind": agency.kind,
        "partner": agency.partner,
        "ended_on": agency.ended_on.isoformat() if agency.ended_on else None,
    }
