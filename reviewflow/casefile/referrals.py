"""Referrals: what happened and to which children, corrections to it, and two referrals of one incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from reviewflow.casefile import identities
from reviewflow.casefile.characteristics import CHARACTERISTICS
from reviewflow.casefile.record import Act, Refused, set_fact
from reviewflow.casefile.tables import Case, Child, DateKnown, Identity, Incident
from reviewflow.working_days import london_date

MOST_CHILDREN = 4
"""One notification names up to four children (the Panel's notification form)."""

OF_THE_INCIDENT = ("harm", "abuse", "setting", "place", "description", "known_to", "known_to_others")


class Harm(StrEnum):
    """What happened to a child."""

    DEATH = "death"
    SERIOUS_HARM = "serious_harm"
    OTHER = "other"


class Safety(StrEnum):
    """What a referral says of the immediate safety of this and other children."""

    ACTIONS = "actions"
    NONE_NEEDED = "none_needed"
    NOT_YET = "not_yet"


def record_referral(act: Act) -> None:
    """Afterwards the incident is on file with its children; who they are is kept apart.

    Raises Refused, with every reason, for days that cannot be, or more children than one referral takes.
    """
    given = act.answers
    wrong = [sentence for _, sentence in faults(given, london_date(act.now))]
    children = given.get("children") or []
    if not 1 <= len(children) <= MOST_CHILDREN:
        wrong.append(f"A referral is about 1 to {MOST_CHILDREN} children.")
    if wrong:
        raise Refused(*wrong)
    incident = Incident(
        area_id=act.case.area_id,
        referred_by_id=act.actor and act.actor.id,
        **_date_of_incident(given),
        **{name: given.get(name) or _nothing(name) for name in OF_THE_INCIDENT},
    )
    act.session.add(incident)
    act.session.flush()
    act.case.incident_id = incident.id
    _add_children(act, incident, children, first=1)
    _keep_who_they_are(act, incident, first=1)
    set_fact(act, "referral_received_on", london_date(act.now).isoformat())
    _set_dates(act)
    if given.get("safety") in (Safety.ACTIONS, Safety.NONE_NEEDED):
        set_fact(act, "immediate_safety_considered", "yes")


def record_correction(act: Act) -> None:
    """Afterwards the incident and its children are as corrected; what was said before is in the history."""
    given, incident = act.answers, _incident_of(act)
    wrong = [sentence for _, sentence in faults(given, london_date(act.now))]
    further = given.get("further_children") or []
    here = act.session.scalars(
        select(Child).where(Child.incident_id == incident.id).order_by(Child.number)
    ).all()
    if len(here) + len(further) > MOST_CHILDREN:
        wrong.append(f"A referral is about 1 to {MOST_CHILDREN} children.")
    if wrong:
        raise Refused(*wrong)
    for name, value in _date_of_incident(given).items():
        setattr(incident, name, value)
    for name in OF_THE_INCIDENT:
        setattr(incident, name, given.get(name) or _nothing(name))
    for now_said in given.get("children") or []:
        child = next((one for one in here if one.number == now_said["number"]), None)
        if child is None:
            raise Refused(f"There is no child {now_said['number']} in this referral.")
        corrected = {name: now_said[name] for name in CHARACTERISTICS if name in now_said}
        child.characteristics = {**child.characteristics, **corrected}
    act.session.flush()
    _add_children(act, incident, further, first=len(here) + 1)
    _keep_who_they_are(act, incident, first=len(here) + 1)
    identities.keep(act, incident.id, _more_said(act))
    _note_ages(act, incident)
    _set_dates(act)
    if given.get("safety_reason"):
        set_fact(act, "immediate_safety_considered", "yes")


def record_joining(act: Act) -> None:
    """Afterwards both incidents are known to be one: what this referral says is read with the other.

    Nothing is copied: the incident keeps its children, and points to the one it is joined to.
    Raises Refused when the reference is not that of another open referral of the same area.
    """
    other, incident = other_case(act), _incident_of(act)
    act.session.execute(
        update(Incident)
        .where((Incident.id == incident.id) | (Incident.joined_to_id == incident.id))
        .values(joined_to_id=other.incident_id)
    )
    other.look_again_at = act.now


def other_case(act: Act) -> Case:
    """The case a referral is joined to. Raises Refused with what is wrong with the reference given."""
    reference = str(act.answers.get("reference") or "").strip().upper()
    wanted = select(Case).where(Case.reference == reference, Case.area_id == act.case.area_id)
    try:
        other = act.session.scalar(wanted.with_for_update(nowait=True))
    except OperationalError as busy:  # two who join each other's cases would wait for each other for ever
        raise Refused(f"Somebody else is changing {reference} just now. Try again.") from busy
    if other is None:
        raise Refused(f"There is no case {reference} in this area.")
    if other.id == act.case.id:
        raise Refused("A referral cannot be joined to itself. Give the reference of the other one.")
    if not other.is_open or other.incident_id is None or other.incident_id == act.case.incident_id:
        raise Refused(f"{reference} is not an open case of another referral.")
    return other


def faults(given: Mapping[str, Any], today: date) -> Iterator[tuple[str, str]]:
    """What is wrong with the days a referral gives: the question it concerns, and a sentence."""
    known, from_on, until_on = given.get("date_known"), _day(given, "from_on"), _day(given, "until_on")
    aware = _day(given, "council_became_aware_on")
    if known not in set(DateKnown):
        yield "date_known", "Choose whether the date of the incident is known."
    if known != DateKnown.NOT_KNOWN and from_on is None:
        first = "first day of the period" if known == DateKnown.PERIOD else "date of the incident"
        yield "from_on", f"Enter the {first}."
    if known == DateKnown.NOT_KNOWN and (from_on or until_on):
        yield "date_known", "You chose that the date is not known, but a date is given. Clear one of them."
    if known == DateKnown.DATE and until_on:
        yield "until_on", "A last day is only asked for when the incident was a period. Clear it."
    if known == DateKnown.PERIOD and until_on is None:
        yield "until_on", "Enter the last day of the period."
    yield from _out_of_order(from_on, until_on, aware, today)


def _out_of_order(
    from_on: date | None, until_on: date | None, aware: date | None, today: date
) -> Iterator[tuple[str, str]]:
    if from_on and from_on > today:
        yield "from_on", "The incident must be today or in the past."
    if until_on and until_on > today:
        yield "until_on", "The last day of the period must be today or in the past."
    if from_on and until_on and until_on < from_on:
        yield "until_on", "The last day of the period lies before its first day."
    if aware is None:
        yield "council_became_aware_on", "Enter the day on which the council became aware."
    elif aware > today:
        yield "council_became_aware_on", "The day the council became aware must be today or in the past."
    elif from_on and aware < from_on:
        yield "council_became_aware_on", "The council cannot have become aware before the incident."


def _date_of_incident(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "date_known": given["date_known"],
        "from_on": _day(given, "from_on"),
        "until_on": _day(given, "until_on"),
    }


def _day(given: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(given[name]) if given.get(name) else None


def _nothing(name: str) -> str | list[str]:
    return [] if name in ("abuse", "known_to") else ""


def _set_dates(act: Act) -> None:
    set_fact(act, "council_became_aware_on", act.answers["council_became_aware_on"])
    if act.answers.get("from_on"):
        set_fact(act, "incident_on", act.answers["from_on"])


def _incident_of(act: Act) -> Incident:
    incident = act.session.get(Incident, act.case.incident_id) if act.case.incident_id else None
    if incident is None:
        raise Refused("This case has no incident.")
    return incident


# The children


def _add_children(act: Act, incident: Incident, children: list[dict[str, Any]], first: int) -> None:
    said = act.apart.get("identity") or []
    for place, characteristics in enumerate(children):
        born = said[place].get("born_on") if place < len(said) else None
        age = born if born and "not_known" in born else {"not_known": "not_recorded"}
        child = Child(incident_id=incident.id, number=first + place)
        child.characteristics = {**characteristics, "age": age}
        act.session.add(child)
    act.session.flush()


def _keep_who_they_are(act: Act, incident: Incident, first: int) -> None:
    said = identities.things_said(act.apart.get("identity") or (), act.apart.get("household") or "", first)
    identities.keep(act, incident.id, said)
    _note_ages(act, incident)


def _more_said(act: Act) -> Iterator[identities.Said]:
    for row in act.apart.get("more_identity") or []:
        kind = identities.IdentityKind(row["kind"])
        whose = None if kind is identities.IdentityKind.HOUSEHOLD else int(row["child"])
        is_number = kind is identities.IdentityKind.NHS_NUMBER
        value = identities.digits(row["value"]) if is_number else row["value"].strip()
        yield identities.Said(whose, kind, value)


def _note_ages(act: Act, incident: Incident) -> None:
    """Afterwards each child's age at the incident is among its characteristics, which show no birthday."""
    on = incident.from_on or date.fromisoformat(act.answers["council_became_aware_on"])
    rows = act.session.execute(
        select(Identity.child_number, Identity.value).where(
            Identity.incident_id == incident.id,
            Identity.kind == identities.IdentityKind.BORN_ON,
            Identity.replaced_by_id.is_(None),
        )
    )
    born = dict(rows.all())
    for child in act.session.scalars(select(Child).where(Child.incident_id == incident.id)):
        if child.number in born:
            age = identities.age_in_words(date.fromisoformat(born[child.number]), on)
            child.characteristics = {**child.characteristics, "age": {"known": age}}


def children_of(session: Session, incident_id: int) -> list[tuple[Incident, Child]]:
    """The children of an incident and of those joined to it, in order, each with its incident."""
    incidents = identities.incidents_with(session, incident_id)
    rows = session.execute(
        select(Incident, Child)
        .join(Child, Child.incident_id == Incident.id)
        .where(Incident.id.in_(incidents))
        .order_by(Incident.id, Child.number)
    )
    place = {one: number for number, one in enumerate(incidents)}
    return sorted(((row[0], row[1]) for row in rows), key=lambda pair: (place[pair[0].id], pair[1].number))
