"""Signing in and out, waiting after failures, and choosing a password by a one-time link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from reviewflow import invitations
from reviewflow.alerts import Alert
from reviewflow.app import create_app
from reviewflow.db import Sessions, transaction
from reviewflow.people import KeptForm, LinkPurpose, Person, SignIn, links, signing_in
from reviewflow.people.passwords import Passwords
from reviewflow.settings import Settings
from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import TextField
from reviewflow.web.page import Page, show
from reviewflow.web.signed_in import current_person
from reviewflow.workflow.definition import Definitions

PASSWORD = "three green herons"
KEY = "a-key-for-tests-only-0123456789abcdef"


@dataclass
class Time:
    """A clock that stands until it is moved on."""

    now: datetime = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def after(self, **length: int) -> None:
        self.now += timedelta(**length)


def without_nonce(text: str) -> str:
    """A page without the words that are new in every answer."""
    return re.sub(r'nonce="[^"]*"|<input[^>]*csrf_token[^>]*>', "", text)


class NoteForm(BaseForm):
    """A form to be in the middle of."""

    note = TextField("Note")


@dataclass
class Service:
    """The service with one person, and a page of theirs with a form."""

    app: Flask
    sessions: Sessions
    time: Time
    notes: list[str] = field(default_factory=list)

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def add(self, name: str, email: str, password: str | None = PASSWORD) -> Person:
        with transaction(self.sessions) as session:
            kept = Passwords(cheap=True).hash(password) if password else None
            person = Person(name=name, email=email, password_hash=kept, added_at=self.time.now)
            session.add(person)
        return person

    def signed_in(self, email: str = "ada@council.example") -> FlaskClient:
        browser = self.browser()
        answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser


@pytest.fixture
def service(
    database_url: str, sessions: Sessions, definitions: Definitions, tmp_path: Path
) -> Iterator[Service]:
    time = Time()
    settings = Settings(secret_key=KEY, data_folder=tmp_path, database_url=database_url, cheap_passwords=True)
    app = create_app(settings, time, definitions)
    app.config["WTF_CSRF_ENABLED"] = False
    service = Service(app, sessions, time)

    @app.route("/note", methods=["GET", "POST"])
    def note() -> tuple[str, int] | str:
        form = NoteForm()
        if form.is_submitted() and form.validate():
            service.notes.append(f"{current_person().name}: {form.note.data}")
            return "noted"
        return show("signing_in/forgotten_password.html", Page(name="note", title="Note", form=form))

    @app.post("/press")
    def press() -> str:
        return "pressed"

    service.add("Ada Marsh", "ada@council.example")
    yield service
    app.extensions["reviewflow.sessions"].kw["bind"].dispose()


def test_a_page_asks_for_a_sign_in_and_comes_back_afterwards(service: Service) -> None:
    browser = service.browser()

    asked = browser.get("/note?from=mail")
    signed_in = browser.post(asked.location, data={"email": " ADA@council.example", "password": PASSWORD})

    assert asked.status_code == 303
    assert asked.location == "/sign-in?next=%2Fnote%3Ffrom%3Dmail"
    assert signed_in.location == "/note?from=mail"
    assert browser.get("/note").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tevil", "evil"],
)
def test_signing_in_never_leads_to_another_site(service: Service, elsewhere: str) -> None:
    data = {"email": "ada@council.example", "password": PASSWORD}

    answer = service.browser().post("/sign-in", query_string={"next": elsewhere}, data=data)

    assert answer.location == "/"


def test_the_secret_of_a_sign_in_is_not_in_the_database(service: Service) -> None:
    browser = service.signed_in()

    secret = browser.get_cookie("sign-in").value

    with service.sessions() as session:
        kept = session.scalars(select(SignIn)).one()
    assert len(secret) >= 43
    assert kept.secret_hash == signing_in.hash_of(secret) != secret


def test_over_tls_the_cookie_belongs_to_this_host_alone(
    database_url: str, sessions: Sessions, definitions: Definitions, tmp_path: Path
) -> None:
    settings = Settings(KEY, tmp_path, database_url, "https://reviews.example", cheap_passwords=True)
    app = create_app(settings, Time(), definitions)
    app.config["WTF_CSRF_ENABLED"] = False
    Service(app, sessions, Time()).add("Ada Marsh", "ada@council.example")

    answer = app.test_client().post(
        "https://reviews.example/sign-in", data={"email": "ada@council.example", "password": PASSWORD}
    )

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-sign-in="))
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in cookie
    app.extensions["reviewflow.sessions"].kw["bind"].dispose()


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(service: Service) -> None:
    service.add("Invited Only", "invited@council.example", password=None)
    with transaction(service.sessions) as session:
        gone = session.get_one(Person, service.add("Left Long", "left@council.example").id)
        gone.left_at = service.time.now

    answers = {
        without_nonce(
            service.browser().post("/sign-in", data={"email": email, "password": password}).text
        ).replace(email, "")
        for email, password in (
            ("ada@council.example", "three green heron"),
            ("nobody@council.example", PASSWORD),
            ("invited@council.example", PASSWORD),
            ("left@council.example", PASSWORD),
        )
    }

    assert len(answers) == 1
    assert "One of these is not right" in answers.pop()


def test_an_unknown_person_costs_as_much_work_as_a_known_one(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, kept, typed: compared.append(kept) or verify(self, kept, typed)
    )

    for email in ("ada@council.example", "nobody@council.example"):
        service.browser().post("/sign-in", data={"email": email, "password": "three green heron"})

    assert len(compared) == 2
    assert compared[0].rsplit("$", 2)[0] == compared[1].rsplit("$", 2)[0]


def test_failures_make_the_next_try_wait_and_a_success_ends_that(service: Service) -> None:
    browser = service.browser()
    wrong = {"email": "ada@council.example", "password": "three green heron"}
    right = wrong | {"password": PASSWORD}
    for _ in range(5):
        assert browser.post("/sign-in", data=wrong).status_code == 400

    refused = browser.post("/sign-in", data=right)
    service.time.after(seconds=15)
    sixth = browser.post("/sign-in", data=wrong)
    service.time.after(seconds=15)
    still = browser.post("/sign-in", data=right)
    service.time.after(seconds=15)
    let_in = browser.post("/sign-in", data=right)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "15"
    assert "You have tried this too often. Wait 15 seconds, then try again" in refused.text
    assert sixth.status_code == 400
    assert still.status_code == 429
    assert let_in.status_code == 303
    assert service.browser().post("/sign-in", data=wrong).status_code == 400


def test_a_stranger_cannot_lock_a_person_out_for_long(service: Service) -> None:
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    wrong = {"email": "ada@council.example", "password": "guess"}
    for _ in range(40):
        service.browser().post("/sign-in", data=wrong, environ_base=stranger)
        service.time.after(minutes=20)

    service.time.after(minutes=-19)
    answer = service.browser().post("/sign-in", data=wrong | {"password": PASSWORD})

    assert answer.status_code == 303


def test_one_address_that_tries_many_people_has_to_wait(service: Service) -> None:
    for number in range(50):
        service.browser().post("/sign-in", data={"email": f"p{number}@x.example", "password": "guess"})

    answer = service.browser().post("/sign-in", data={"email": "p51@x.example", "password": "guess"})

    assert answer.status_code == 429


def test_signing_out_ends_the_sign_in_also_for_a_copied_cookie(service: Service) -> None:
    browser, copy = service.signed_in(), service.browser()
    copy.set_cookie("sign-in", browser.get_cookie("sign-in").value)
    assert copy.get("/note").status_code == 200

    answer = browser.post("/sign-out")

    assert answer.location == "/sign-in?out=yes"
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert browser.get_cookie("sign-in") is None
    assert copy.get("/note").status_code == 303
    assert "You have signed out" in browser.get("/sign-in?out=yes").text


def test_a_sign_in_ends_after_half_an_hour_of_nothing(service: Service) -> None:
    browser = service.signed_in()
    service.time.after(minutes=29)
    assert browser.get("/note").status_code == 200
    service.time.after(minutes=29)
    assert browser.get("/note").status_code == 200

    service.time.after(minutes=30)

    assert browser.get("/note").location == "/sign-in?next=%2Fnote&ended=yes"


def test_a_sign_in_ends_after_ten_hours_however_busy(service: Service) -> None:
    browser = service.signed_in()
    for _ in range(29):
        service.time.after(minutes=20)
        assert browser.get("/note").status_code == 200

    service.time.after(minutes=20)

    assert browser.get("/note").status_code == 303


def test_being_here_is_written_down_at_most_once_a_minute(service: Service) -> None:
    browser = service.signed_in()
    started = service.time.now
    service.time.after(seconds=59)
    browser.get("/note")
    with service.sessions() as session:
        assert session.scalars(select(SignIn.seen_at)).one() == started

    service.time.after(seconds=1)
    browser.get("/note")

    with service.sessions() as session:
        assert session.scalars(select(SignIn.seen_at)).one() == service.time.now


def test_a_form_sent_after_the_sign_in_ended_comes_back_to_its_sender(service: Service) -> None:
    browser = service.signed_in()
    service.time.after(hours=1)

    asked = browser.post("/note?about=school", data={"note": "The school rang twice"})
    back = browser.post(asked.location, data={"email": "ada@council.example", "password": PASSWORD})
    again = browser.get(back.location)

    assert service.notes == []
    assert back.location.startswith("/note?about=school&kept=")
    assert 'value="The school rang twice"' in again.text
    assert "What you typed is still here" in again.text


def test_a_kept_form_is_never_shown_to_another_person(service: Service) -> None:
    service.add("Ben Holt", "ben@school.example")
    browser = service.signed_in()
    service.time.after(hours=1)

    asked = browser.post("/note", data={"note": "The school rang twice"})
    back = browser.post(asked.location, data={"email": "ben@school.example", "password": PASSWORD})

    assert "The school rang twice" not in browser.get(back.location).text
    assert "What you typed" not in browser.get(back.location).text


def test_a_kept_form_is_gone_after_a_day_and_at_most_five_are_kept(service: Service) -> None:
    browser = service.signed_in()
    service.time.after(hours=1)
    for number in range(7):
        browser.post("/note", data={"note": f"note {number}"})
    with service.sessions() as session:
        kept = [one.typed["note"] for one in session.scalars(select(KeptForm).order_by(KeptForm.id))]
    service.time.after(days=1)

    service.signed_in()

    assert kept == [[f"note {number}"] for number in range(2, 7)]
    with service.sessions() as session:
        assert session.scalars(select(KeptForm)).all() == []


def test_what_a_stranger_sends_is_not_kept(service: Service) -> None:
    answer = service.browser().post("/note", data={"note": "fill the disk"})

    assert answer.location == "/sign-in?next=%2Fnote"
    with service.sessions() as session:
        assert session.scalars(select(KeptForm)).all() == []


def test_a_button_without_a_page_of_its_own_leads_to_the_first_page(service: Service) -> None:
    browser = service.signed_in()
    service.time.after(hours=1)

    assert browser.post("/press").location == "/sign-in?next=%2F&ended=yes"


def test_a_script_is_told_that_the_sign_in_has_ended(service: Service) -> None:
    answer = service.browser().post("/note", headers={"Sec-Fetch-Dest": "empty"})

    assert answer.status_code == 401


# One-time links


def link_to(service: Service, person: Person, purpose: LinkPurpose = LinkPurpose.INVITATION) -> str:
    with transaction(service.sessions) as session:
        link = links.make(session, session.get_one(Person, person.id), purpose, service.time.now)
    return links.path_for_a_mail(KEY, links.named_in_a_mail(link))


def test_an_invitation_is_used_up_by_choosing_a_password_and_by_nothing_else(service: Service) -> None:
    person = service.add("New Here", "new@school.example", password=None)
    path = link_to(service, person)
    browser = service.browser()
    for _ in range(3):
        assert browser.get(path).status_code == 200
    assert browser.post(path, data={"password": "short"}).status_code == 400

    chosen = browser.post(path, data={"password": PASSWORD})

    assert chosen.location == "/sign-in?chosen=yes"
    assert browser.get(path).status_code == 410
    assert "This link has been used" in browser.post(path, data={"password": "another good one"}).text
    assert service.signed_in("new@school.example").get("/note").status_code == 200


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("eleven char", "12 characters or more"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("Safeguarding1", "easy to guess"),
        ("xx ada marsh xx", "your name or your email address"),
        ("ada.lives.here", "your name or your email address"),
        ("x" * 201, "200 characters"),
    ],
)
def test_a_poor_password_is_refused_with_a_reason(service: Service, password: str, sentence: str) -> None:
    with service.sessions() as session:
        ada = session.scalars(select(Person)).one()

    answer = service.browser().post(link_to(service, ada), data={"password": password})

    assert answer.status_code == 400
    assert sentence in answer.text
    assert password not in answer.text.replace(ada.email, "")


def test_a_link_expires_and_a_newer_one_replaces_it(service: Service) -> None:
    person = service.add("New Here", "new@school.example", password=None)
    first = link_to(service, person)
    second = link_to(service, person)
    assert service.browser().get(first).status_code == 410
    assert service.browser().get(second).status_code == 200

    service.time.after(days=7)

    assert service.browser().get(second).status_code == 410
    assert "ask for a new link" in service.browser().get(second).text


def test_a_link_that_was_never_made_is_refused(service: Service) -> None:
    with service.sessions() as session:
        ada = session.scalars(select(Person)).one()
    path = link_to(service, ada)

    for changed in (
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        "/link/x",
        path[:-1],
        "/link/é" + path[7:],
    ):
        assert service.browser().get(changed).status_code == 410


def test_a_new_password_ends_every_sign_in(service: Service) -> None:
    browser = service.signed_in()
    with service.sessions() as session:
        ada = session.scalars(select(Person)).one()

    service.browser().post(
        link_to(service, ada, LinkPurpose.PASSWORD), data={"password": "four blue swans fly"}
    )

    assert browser.get("/note").status_code == 303


def test_a_forgotten_password_is_answered_alike_for_known_and_unknown(service: Service) -> None:
    answers = [
        service.browser().post("/forgotten-password", data={"email": email})
        for email in ("ada@council.example", "nobody@council.example")
    ]

    assert {answer.location for answer in answers} == {"/forgotten-password?sent=yes"}
    with service.sessions() as session:
        alert = session.scalars(select(Alert)).one()
    assert alert.message == "password_reset"
    assert alert.variables["due"] == "11:00 on Thursday 10 December 2026"


def test_the_outbox_names_a_link_without_its_secret(service: Service) -> None:
    service.browser().post("/forgotten-password", data={"email": "ada@council.example"})

    with service.sessions() as session:
        word = session.scalars(select(Alert)).one().variables["link"]
    path = links.path_for_a_mail(KEY, word)

    assert word.startswith("one-time:")
    assert path.removeprefix("/link/") not in word
    assert service.browser().get(path).status_code == 200
    assert service.browser().get("/link/" + word.removeprefix("one-time:")).status_code == 410
    assert links.path_for_a_mail(KEY, "/cases/x") == "/cases/x"


def test_asking_again_and_again_sends_three_mails_at_most(service: Service) -> None:
    for _ in range(5):
        service.browser().post("/forgotten-password", data={"email": "ada@council.example"})

    refused = service.browser().post("/forgotten-password", data={"email": "ada@council.example"})

    assert refused.status_code == 429
    with service.sessions() as session:
        assert len(session.scalars(select(Alert)).all()) == invitations.MOST_OPEN


def test_a_link_is_no_use_to_somebody_who_has_left(service: Service) -> None:
    person = service.add("New Here", "new@school.example", password=None)
    path = link_to(service, person)
    with transaction(service.sessions) as session:
        session.get_one(Person, person.id).left_at = service.time.now

    assert service.browser().get(path).status_code == 410
    assert service.browser().post("/forgotten-password", data={"email": person.email}).status_code == 303
    with service.sessions() as session:
        assert session.scalars(select(Alert)).all() == []
