"""A form sent after the sign-in had ended is kept, and shown again once its sender has signed in."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from flask import current_app, flash, g, request
from werkzeug.exceptions import HTTPException

from reviewflow.people import Person, kept_forms
from reviewflow.web import clock, database

KEPT = "kept"
NOT_TYPED = ("csrf_token", "then", "password")
SHOWN_AGAIN = (
    "You had been signed out when you sent this. What you typed is still here: "
    "check it, choose any files again, and send it."
)


def way_back(sender: Person | None) -> str:
    """Where to go after signing in: the page asked for, with what `sender` was sending kept for them."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    if not _can_be_shown(request.path):
        return "/"
    if sender is None:
        return request.path
    typed = {name: request.form.getlist(name) for name in request.form if name not in NOT_TYPED}
    with database.writing() as session:
        secret = kept_forms.keep(session, sender.id, request.path, typed, clock.now())
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != KEPT]
    return f"{request.path}?{urlencode([*asked, (KEPT, secret)])}"


def bring_back(person: Person) -> None:
    """Afterwards a form made for this request is filled with what `person` had typed, if it was kept."""
    secret = request.args.get(KEPT, "")
    if request.method != "GET" or not secret:
        return
    with database.reading() as session:
        g.kept_form = kept_forms.find(session, secret, person.id, request.path, clock.now())
    if g.kept_form is not None:
        flash(SHOWN_AGAIN)


def typed_before() -> Mapping[str, list[str]] | None:
    """What the person had typed on this page when their sign-in had ended."""
    kept: Mapping[str, list[str]] | None = g.get("kept_form")
    return kept


def own_path(path: str) -> str:
    """`path` when it leads to a page of ours; otherwise the first page."""
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith("//") and not parts.scheme and not parts.netloc
    is_plain = "\\" not in path and path.isprintable()
    return path if is_ours and is_plain else "/"


def _can_be_shown(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True
