"""Who is asking: every page needs a signed-in person unless it says that it is open to all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from reviewflow.people import Held, Person, SignIn, roles_held, signing_in
from reviewflow.people.passwords import Passwords
from reviewflow.web import clock, database, kept_forms
from reviewflow.working_days import london_date

View = TypeVar("View", bound=Callable[..., Any])

OPEN = "is_open_to_all"
PASSWORDS = "reviewflow.passwords"


def open_to_all(view: View) -> View:
    """Marks a view that people may open without signing in. Stands below the route."""
    setattr(view, OPEN, True)
    return view


def require_sign_in(app: Flask, passwords: Passwords) -> None:
    """From now on a page of `app` that is not open to all asks for a sign-in first."""
    app.extensions[PASSWORDS] = passwords
    app.before_request(_let_in)


def passwords() -> Passwords:
    """How this service hashes passwords."""
    kept: Passwords = current_app.extensions[PASSWORDS]
    return kept


def current_person() -> Person:
    """The person who is asking. On a page that is open to all there may be none: then 401."""
    person = person_or_none()
    if person is None:
        abort(401)
    return person


def person_or_none() -> Person | None:
    """The person who is asking, if they are signed in."""
    if "signed_in" not in g:
        g.signed_in = _find()
    found: tuple[SignIn, Person] | None = g.signed_in
    return found[1] if found else None


def current_roles() -> frozenset[Held]:
    """Every role the person who is asking holds today, with its area."""
    if "roles" not in g:
        person = person_or_none()
        with database.reading() as session:
            g.roles = roles_held(session, person.id, london_date(clock.now())) if person else frozenset()
    roles: frozenset[Held] = g.roles
    return roles


def require_role(*roles: str) -> frozenset[int]:
    """The areas in which the person who is asking holds one of `roles` today; without any, 403."""
    current_person()
    areas = frozenset(held.area_id for held in current_roles() if held.role in roles)
    if not areas:
        abort(403)
    return areas


def cookie_name() -> str:
    """The cookie that holds the secret; over TLS under a name no other site can set."""
    return "__Host-sign-in" if database.settings().is_public_https else "sign-in"


def give_cookie(response: AnyResponse, secret: str) -> None:
    """Afterwards the browser holds the secret until it is closed."""
    response.set_cookie(
        cookie_name(), secret, httponly=True, samesite="Lax", secure=database.settings().is_public_https
    )


def take_cookie(response: AnyResponse) -> None:
    """Afterwards the browser holds the secret no longer."""
    response.delete_cookie(
        cookie_name(), httponly=True, samesite="Lax", secure=database.settings().is_public_https
    )


def _let_in() -> AnyResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, OPEN, False):
        return None
    person = person_or_none()
    if person is None:
        return _ask_to_sign_in()
    kept_forms.bring_back(person)
    return None


def _find() -> tuple[SignIn, Person] | None:
    """The sign-in of this browser, if it still counts; one that has ended is remembered for the page."""
    secret = request.cookies.get(cookie_name(), "")
    if not secret:
        return None
    idle = timedelta(minutes=database.settings().idle_minutes)
    with database.reading() as session:
        found = signing_in.find(session, secret)
    if found is None:
        return None
    if signing_in.over(*found, clock.now(), idle):
        g.ended_sign_in = found
        return None
    if signing_in.wants_touch(found[0], clock.now()):
        with database.writing() as session:
            signing_in.touch(session, found[0], clock.now())
    return found


def _ask_to_sign_in() -> AnyResponse:
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        abort(401)
    ended: tuple[SignIn, Person] | None = g.get("ended_sign_in")
    asked = {"next": kept_forms.way_back(ended[1] if ended else None)}
    if ended:
        asked["ended"] = "yes"
    response: Response = redirect(f"/sign-in?{urlencode(asked)}", 303)  # type: ignore[assignment]
    return response
