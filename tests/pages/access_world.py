"""A partnership with one open case, and one signed-in browser for each way to stand to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from reviewflow import documents
from reviewflow.db import Sessions, reading, transaction
from reviewflow.people import LinkPurpose, Person, RoleHolding, links, signing_in
from reviewflow.workflow.definition import Definitions
from tests.making import (
    ask_agencies,
    find_partnership,
    london,
    make_case,
    make_person,
    plan_meeting,
)

KEY = "a-key-for-tests-only-0123456789abcdef"
A_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The smallest picture."""
NOW = london("2026-12-14 12:00")

RELATIONS = {
    "nobody": None,
    "leaver": "Lorna",
    "other_area": "Otto",
    "administrator": "Viola",
    "not_asked": "Owen",
    "asked_contact": "Nadia",
    "asked_senior": "Edmund",
    "referrer": "Jory",
    "conflicted": "Salma",
    "scrutineer": "Conrad",
    "ratifier": "Gwen",
    "member": "Hugo",
    "coordinator": "Ines",
}
"""Each column of the table, and who stands for it. Those who may do least come first."""


@dataclass(frozen=True)
class World:
    """What the paths of the table may name in braces, and the secret of each person's sign-in."""

    names: dict[str, str]
    secrets: dict[str, str]


def make_world(sessions: Sessions, definitions: Definitions) -> World:
    """In a database with everybody: agencies have been asked, a meeting is planned, nobody has answered."""
    made = find_partnership(sessions, definitions)
    with transaction(sessions) as session:
        for name, area in (("Otto Elsewhere", "Thurrock"), ("Lorna Gone", "Essex")):
            person = make_person(session, name, "coordinator", area=made.areas[area])
            made.people[name.split()[0]] = person
    case = make_case(made, at="gathering")
    ask_agencies(case)
    plan_meeting(case)
    case.do("declare_conflict", "Salma", {"reason": "I knew the family."})
    case_id = case.row.id
    with transaction(sessions) as session:
        added_by = session.get_one(Person, made["Nadia"].id)
        upload = documents.keep_upload(session, case_id, A_DOT, "note.png", added_by, NOW)
        document_id = upload.public_id
    with transaction(sessions) as session:
        link = links.make(session, session.get_one(Person, made["Petra"].id), LinkPurpose.PASSWORD, NOW)
        link_secret = links.secret_of(KEY, link.public_id)
        secrets = {
            relation: signing_in.start(session, made[name], NOW, timedelta(hours=10))
            for relation, name in RELATIONS.items()
            if name
        }
        session.get_one(Person, made["Lorna"].id).left_at = NOW - timedelta(days=1)
    names = {
        "case": case.id,
        "request": case.request_of("Children's social care"),
        "other_request": case.request_of("Saltings Homes"),
        "person": made["Petra"].public_id,
        "person_elsewhere": made["Bryony"].public_id,
        "holding": str(_holding_of(sessions, made["Petra"])),
        "agency": made.agencies["Saltings Homes"].public_id,
        "link": link_secret,
        "document": document_id,
    }
    return World(names, secrets)


def _holding_of(sessions: Sessions, person: Person) -> int:
    with reading(sessions) as session:
        return session.scalars(select(RoleHolding.id).where(RoleHolding.person_id == person.id)).one()


def clock() -> datetime:
    """The time stands still."""
    return NOW
