"""Passing a request on inside the agency: "not me: ask …"."""

from __future__ import annotations

from reviewflow import alerts
from reviewflow.casefile.record import Act, Refused
from reviewflow.invitations import invite_colleague
from reviewflow.people import Agency, Person
from reviewflow.people.roles import NotPossible
from reviewflow.requests.asking import subject, touched
from reviewflow.requests.tables import InformationRequest
from reviewflow.working_days import in_words, london_date

MESSAGE = "information_requested"


def record_passed_on(act: Act) -> None:
    """Afterwards a colleague answers for the agency, as its contact from today, and has been told.

    Somebody who cannot sign in yet gets an invitation; anybody else the request itself. Raises Refused for
    a person who cannot answer for the agency, and for passing it to oneself.
    """
    request = subject(act)
    if act.actor is None:
        raise Refused("Only a person can pass a request on.")
    agency = act.session.get_one(Agency, request.agency_id)
    try:
        person = invite_colleague(
            act.session, act.answers["name"], act.answers["email"], agency, act.actor, act.now
        )
    except NotPossible as reason:
        raise Refused(f"{reason}.") from reason
    if person.id == act.actor.id:
        raise Refused("This is your own email address. Give the address of the colleague to ask.")
    request.passed_to_id = person.id
    touched(request)
    if person.password_hash is not None:
        _tell(act, request, agency, person)


def _tell(act: Act, request: InformationRequest, agency: Agency, person: Person) -> None:
    alerts.write(
        act.session,
        key=f"{act.case.public_id}:{act.event.number}:{person.id}:{MESSAGE}",
        person_id=person.id,
        message=MESSAGE,
        variables={
            "reference": act.case.reference,
            "review": act.definition.title,
            "what": act.definition.triggers[act.trigger].done,
            "agency": agency.name,
            "due": in_words(request.due_on),
            "days_left": alerts.days_left(request.due_on, london_date(act.now), act.calendar),
            "link": f"/cases/{act.case.public_id}/requests/{request.public_id}",
        },
        now=act.now,
        case_id=act.case.id,
        event_id=act.event.id,
    )
