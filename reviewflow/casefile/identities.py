"""Who a child is: kept apart from everything else, one row for each thing that says so."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.casefile.record import Act
from reviewflow.casefile.tables import Identity, Incident


class IdentityKind(StrEnum):
    """What a thing that says who somebody is may be."""

    NAME = "name"
    ALSO_KNOWN_AS = "also_known_as"
    BORN_ON = "born_on"
    ADDRESS = "address"
    NHS_NUMBER = "nhs_number"
    HOUSEHOLD = "household"


ONE_ONLY = (IdentityKind.NAME, IdentityKind.BORN_ON, IdentityKind.NHS_NUMBER)
"""A child has one of each of these, so that another one replaces it."""

WORDS: dict[str, str] = {
    IdentityKind.NAME: "Name",
    IdentityKind.ALSO_KNOWN_AS: "Also known as",
    IdentityKind.BORN_ON: "Born on",
    IdentityKind.ADDRESS: "Address",
    IdentityKind.NHS_NUMBER: "NHS number",
    IdentityKind.HOUSEHOLD: "Household and relatives",
}


@dataclass(frozen=True)
class Said:
    """One thing that says who the child with this number is; no number for the household."""

    child_number: int | None
    kind: IdentityKind
    value: str


def things_said(identity: Iterable[Mapping[str, Any]], household: str, first: int = 1) -> Iterator[Said]:
    """What a form's answers say about the children, the first of whom has the number `first`."""
    for number, child in enumerate(identity, first):
        for kind in (IdentityKind.NAME, IdentityKind.BORN_ON):
            if known := (child.get(kind) or {}).get("known"):
                yield Said(number, kind, str(known).strip())
        for line in lines(child.get("also_known_as") or ""):
            yield Said(number, IdentityKind.ALSO_KNOWN_AS, line)
        for line in lines(child.get("addresses") or ""):
            yield Said(number, IdentityKind.ADDRESS, line)
        if nhs := digits(child.get("nhs_number") or ""):
            yield Said(number, IdentityKind.NHS_NUMBER, nhs)
    for line in lines(household):
        yield Said(None, IdentityKind.HOUSEHOLD, line)


def keep(act: Act, incident_id: int, said: Iterable[Said]) -> None:
    """Afterwards each of these is on the incident's identity list; of what a child has one, the newest."""
    for one in said:
        row = Identity(
            incident_id=incident_id,
            child_number=one.child_number,
            kind=one.kind,
            value=one.value,
            match_hash=match_hash(one),
        )
        act.session.add(row)
        act.session.flush()
        if one.kind in ONE_ONLY:
            _replace(act.session, row)


def _replace(session: Session, row: Identity) -> None:
    earlier = session.scalars(
        select(Identity).where(
            Identity.incident_id == row.incident_id,
            Identity.child_number == row.child_number,
            Identity.kind == row.kind,
            Identity.replaced_by_id.is_(None),
            Identity.id != row.id,
        )
    )
    for one in earlier:
        one.replaced_by_id = row.id


def who_they_are(session: Session, incident_id: int) -> list[Identity]:
    """What is known now of the children of an incident and of those joined to it, child by child.

    Whoever shows it writes a `Reading` first.
    """
    incidents = incidents_with(session, incident_id)
    rows = session.scalars(
        select(Identity)
        .where(Identity.incident_id.in_(incidents), Identity.replaced_by_id.is_(None))
        .order_by(Identity.incident_id, Identity.id)
    ).all()
    order = {incident: place for place, incident in enumerate(incidents)}
    return sorted(rows, key=lambda one: (order[one.incident_id], one.child_number or 99))


def incidents_with(session: Session, incident_id: int) -> list[int]:
    """The incident and every one that was joined to it, itself first."""
    joined = session.scalars(
        select(Incident.id).where(Incident.joined_to_id == incident_id).order_by(Incident.id)
    ).all()
    return [incident_id, *joined]


# To be found again


def match_hash(said: Said) -> str | None:
    """What is compared to find a child again, whatever the capitals, accents or order of the names.

    It keeps names out of queries and their logs. It is no protection by itself: the value lies in the same
    row, and whoever removes the value removes the row.
    """
    compared = COMPARED.get(said.kind)
    if compared is None or said.child_number is None:
        return None
    what, normal = compared
    return hashlib.sha256(f"{what}:{normal(said.value)}".encode()).hexdigest()


def normal_name(name: str) -> str:
    """The words of a name in alphabetical order, without capitals, accents or punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(sorted(re.findall(r"\w+", plain.casefold().replace("'", "").replace("’", ""))))


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def digits(text: str) -> str:
    """The digits of a number, without the blanks and hyphens it is written with."""
    return re.sub(r"[\s-]", "", text)


def is_nhs_number(text: str) -> bool:
    """Whether these are ten digits, the last of which is the check digit of the others (modulus 11)."""
    number = digits(text)
    if not re.fullmatch(r"[0-9]{10}", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False))
    check = (11 - total % 11) % 11
    return check == int(number[9])


def age_in_words(born_on: date, on: date) -> str:
    """How old a child was on a day: in years from two on, in months before, in days before one month."""
    if on < born_on:
        return "not yet born"
    months = (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)
    if months >= 24:
        return f"{months // 12} years"
    number, unit = (months, "month") if months else ((on - born_on).days, "day")
    return f"{number} {unit}{'' if number == 1 else 's'}"


COMPARED: dict[IdentityKind, tuple[str, Callable[[str], str]]] = {
    IdentityKind.NAME: ("name", normal_name),
    IdentityKind.ALSO_KNOWN_AS: ("name", normal_name),
    IdentityKind.BORN_ON: ("born", str.strip),
    IdentityKind.NHS_NUMBER: ("nhs", digits),
}
