"""A password asked for once more, of somebody who is signed in, before an act that binds."""

from __future__ import annotations

from flask import request

from reviewflow.people import Person, attempts
from reviewflow.people.attempts import Wait
from reviewflow.web import clock, database
from reviewflow.web.signed_in import passwords


def reason_against(person: Person, password: str) -> str | None:
    """Why this does not prove that it is `person`; None when it does. Counted like a try to sign in."""
    now, key = clock.now(), database.settings().secret_key
    with database.writing() as session:
        counted = attempts.count(session, key, person.email, request.remote_addr or "", now)
    if isinstance(counted, Wait):
        return f"You have tried this too often. Wait {counted.in_words}, then try again"
    if not passwords().fits(password, person.password_hash):
        return "This is not your password. Enter the one you sign in with"
    with database.writing() as session:
        attempts.succeeded(session, counted, now)
    return None
