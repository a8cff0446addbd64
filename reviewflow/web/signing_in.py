"""Signing in and out, and choosing a password by a one-time link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from reviewflow import invitations
from reviewflow.people import Person, attempts, kept_forms, links, roles, signing_in
from reviewflow.people.attempts import Counted, Wait
from reviewflow.people.links import Standing
from reviewflow.people.passwords import reason_against
from reviewflow.web import clock, database
from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import EmailField, PasswordField
from reviewflow.web.kept_forms import own_path
from reviewflow.web.page import Link, Page, show
from reviewflow.web.signed_in import (
    cookie_name,
    give_cookie,
    open_to_all,
    passwords,
    person_or_none,
    take_cookie,
)

pages = Blueprint("signing_in", __name__)

Shown = AnyResponse | tuple[str, int]

WRONG = "Enter the email address and password you sign in with here. One of these is not right"
TOO_OFTEN = "You have tried this too often. Wait {wait}, then try again"
NEWS = {
    "ended": "You were signed out because you had not been here for a while, or your roles have changed.",
    "out": "You have signed out.",
    "chosen": "Your password is set. Sign in with it.",
}
EVERYTHING_OF_OURS = '"cache", "cookies", "storage"'


class SignInForm(BaseForm):
    """Who are you?"""

    email = EmailField("Email address", missing="Enter your email address")
    password = PasswordField("Password", missing="Enter your password")


class ForgottenForm(BaseForm):
    """To which address should a link go?"""

    email = EmailField("Email address", hint="The one you sign in with", missing="Enter your email address")


class NewPasswordForm(BaseForm):
    """Which password do you want?"""

    password = PasswordField(
        "New password",
        new=True,
        hint="12 characters or more. Three words make a good one",
        missing="Enter a new password",
    )


@dataclass(frozen=True, kw_only=True)
class SignInPage(Page):
    """The page for signing in, with what has just happened."""

    news: str = ""


@dataclass(frozen=True, kw_only=True)
class PasswordPage(Page):
    """The page for choosing a password, with the address it is for."""

    email: str = ""


# Signing in


@pages.get("/sign-in")
@open_to_all
def sign_in() -> Shown:
    """The page for signing in; somebody who is signed in goes on."""
    if person_or_none() is not None:
        return redirect(_next(), 303)
    return _sign_in_page(SignInForm())


@pages.post("/sign-in")
@open_to_all
def try_to_sign_in() -> Shown:
    """Sign in, or say once more what is needed: the same words and the same work whoever is unknown."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 400)
    counted = _count(form.email.data)
    if isinstance(counted, Wait):
        return _later(_sign_in_page, form, counted)
    secret = _secret_for(form.email.data, form.password.data, counted)
    if secret is None:
        form.refuse(None, WRONG)
        return _sign_in_page(form, 400)
    session.clear()
    response = redirect(_next(), 303)
    give_cookie(response, secret)
    return response


def _secret_for(email: str, password: str, counted: Counted) -> str | None:
    with database.reading() as look:
        person = roles.person_with(look, email)
        known = person if person and person.left_at is None else None
        person_id, kept = (known.id, known.password_hash) if known else (None, None)
    # Slow on purpose, and therefore outside any transaction.
    if not passwords().fits(password, kept) or kept is None:
        return None
    renewed = passwords().hash(password) if passwords().is_dated(kept) else kept
    with database.writing() as change:
        person = change.get_one(Person, person_id)
        if person.password_hash != kept or person.left_at is not None:
            return None
        person.password_hash = renewed
        attempts.succeeded(change, counted, clock.now())
        kept_forms.forget_old(change, clock.now())
        signing_in.end(change, request.cookies.get(cookie_name(), ""), clock.now())
        longest = timedelta(hours=database.settings().absolute_hours)
        return signing_in.start(change, person, clock.now(), longest)


def _sign_in_page(form: BaseForm, status: int = 200) -> tuple[str, int]:
    news = next((words for name, words in NEWS.items() if name in request.args), "")
    page = SignInPage(name="sign-in", title="Sign in", form=form, news="" if form.errors else news)
    return show("signing_in/sign_in.html", page, status)


def _next() -> str:
    return own_path(request.args.get("next", "/"))


@pages.post("/sign-out")
@open_to_all
def sign_out() -> AnyResponse:
    """Afterwards this browser is signed in no longer, and forgets what it kept of us."""
    with database.writing() as change:
        signing_in.end(change, request.cookies.get(cookie_name(), ""), clock.now())
    session.clear()
    response = redirect(url_for("signing_in.sign_in", out="yes"), 303)
    take_cookie(response)
    response.headers["Clear-Site-Data"] = EVERYTHING_OF_OURS
    return response


# A forgotten password


@pages.get("/forgotten-password")
@open_to_all
def forgotten_password() -> Shown:
    """Ask for a link; or, after asking, what to do now."""
    if "sent" in request.args:
        return show("signing_in/sent.html", Page(name="forgotten-password-sent", title="Check your email"))
    return _forgotten_page(ForgottenForm())


@pages.post("/forgotten-password")
@open_to_all
def ask_for_link() -> Shown:
    """Afterwards a link is on its way if we know the address; the answer does not say whether we do."""
    form = ForgottenForm()
    if not form.validate():
        return _forgotten_page(form, 400)
    counted = _count(f"forgotten {form.email.data}")
    if isinstance(counted, Wait):
        return _later(_forgotten_page, form, counted)
    with database.writing() as change:
        invitations.send_new_password_link(change, form.email.data, clock.now())
    return redirect(url_for("signing_in.forgotten_password", sent="yes"), 303)


def _forgotten_page(form: BaseForm, status: int = 200) -> tuple[str, int]:
    back = Link(text="Back to signing in", href=url_for("signing_in.sign_in"))
    page = Page(name="forgotten-password", title="Have you forgotten your password?", form=form, back=back)
    return show("signing_in/forgotten_password.html", page, status)


# One-time links


@pages.get("/link/<secret>")
@open_to_all
def one_time_link(secret: str) -> Shown:
    """The page a one-time link leads to. Looking at it uses nothing up."""
    with database.reading() as look:
        found = links.find(look, database.settings().secret_key, secret)
        if found is None or links.standing(*found, clock.now()) is not Standing.OPEN:
            return _unusable(found is not None and links.standing(*found, clock.now()) is Standing.USED)
        return _password_page(NewPasswordForm(), found[1].email)


@pages.post("/link/<secret>")
@open_to_all
def choose_password(secret: str) -> Shown:
    """Afterwards the person has the password they chose, and the link is used up."""
    form = NewPasswordForm()
    with database.reading() as look:
        found = links.find(look, database.settings().secret_key, secret)
        if found is None or links.standing(*found, clock.now()) is not Standing.OPEN:
            return _unusable(found is not None and links.standing(*found, clock.now()) is Standing.USED)
    link, person = found
    if form.validate() and (reason := reason_against(form.password.data, person)):
        form.refuse("password", reason)
    if form.errors:
        return _password_page(form, person.email)
    hashed = passwords().hash(form.password.data)
    with database.writing() as change:
        done = links.use(change, link, change.get_one(Person, person.id), hashed, clock.now())
    return redirect(url_for("signing_in.sign_in", chosen="yes"), 303) if done else _unusable(used=True)


def _password_page(form: BaseForm, email: str) -> tuple[str, int]:
    page = PasswordPage(name="choose-password", title="Choose a password", form=form, email=email)
    return show("signing_in/choose_password.html", page)


def _unusable(used: bool) -> tuple[str, int]:
    title = "This link has been used" if used else "This link cannot be used any more"
    return show("signing_in/link_unusable.html", Page(name="link-unusable", title=title), 410)


# Too often


def _count(who: str) -> Counted | Wait:
    with database.writing() as change:
        key, address = database.settings().secret_key, request.remote_addr or ""
        return attempts.count(change, key, who, address, clock.now())


def _later(page_of: Callable[[BaseForm, int], tuple[str, int]], form: BaseForm, wait: Wait) -> Response:
    form.refuse(None, TOO_OFTEN.format(wait=wait.in_words))
    response = make_response(page_of(form, 429))
    response.headers["Retry-After"] = str(max(1, round(wait.left.total_seconds())))
    return response
