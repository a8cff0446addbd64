"""`reviewflow import-fixture`: areas, agencies, people and played cases from one file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from reviewflow import app, clocks, db
from reviewflow.actions import Action
from reviewflow.alerts.sending import mailer
from reviewflow.casefile.record import Refused
from reviewflow.casefile.tables import Case
from reviewflow.commands.speaking import SubCommand, complain, say
from reviewflow.engine import Command, Opening, open_case, perform
from reviewflow.pdf import PdfMaker
from reviewflow.people import Agency, Area, AreaDefinition, Group, Person, RoleHolding
from reviewflow.people.passwords import Passwords
from reviewflow.ratification import RatifierQuestion, Recommendation, ReportRead
from reviewflow.requests import InformationRequest
from reviewflow.settings import BadSetting, Settings, read_settings, resource_folder
from reviewflow.web.clock import wall_clock
from reviewflow.worker import Worker
from reviewflow.workflow.definition import SERVICE, Definitions
from reviewflow.working_days import (
    Calendar,
    add_working_days,
    from_london,
    london_date,
    working_day_on_or_before,
)

DEMO = "essex.yaml"
SHOWN_ROLES = (
    "coordinator",
    "member",
    "la_partner",
    "ratifier",
    "agency_contact",
    "scrutineer",
    "administrator",
)


class BadFixture(Exception):
    """The file cannot be loaded; the message names the place."""


@dataclass
class Loading:
    """One file on its way into one installation, at one moment."""

    session: Session
    now: datetime
    calendar: Calendar
    agencies: dict[str, Agency] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)

    def day(self, given: Any) -> date:
        """A day as the file gives it: itself, or counted from the last working day up to today."""
        if isinstance(given, date):
            return given
        if isinstance(given, str):
            return date.fromisoformat(given)
        today = working_day_on_or_before(london_date(self.now), self.calendar)
        for words, sign, counts in (("_ago", -1, given), ("_ahead", 1, given)):
            if f"working_days{words}" in counts:
                return add_working_days(today, sign * int(counts[f"working_days{words}"]), self.calendar)
            if f"days{words}" in counts:
                return today + timedelta(days=sign * int(counts[f"days{words}"]))
        raise BadFixture(f"“{given}” is not a day")

    def moment(self, given: Mapping[str, Any]) -> datetime:
        """A moment: a day of the file, at its London time."""
        clock = time.fromisoformat(given.get("time", "09:00"))
        return from_london(datetime.combine(self.day(given), clock))

    def answer(self, given: Any) -> Any:
        """An answer as forms give it: days as text, agencies and people by their public ids."""
        if isinstance(given, dict):
            if {"working_days_ago", "working_days_ahead", "days_ago", "days_ahead"} & set(given):
                return self._when(given)
            return {name: self.answer(value) for name, value in given.items()}
        if isinstance(given, list):
            return [self.answer(value) for value in given]
        if isinstance(given, str) and given in self.agencies:
            return self.agencies[given].public_id
        if isinstance(given, str) and given in self.people:
            return self.people[given].public_id
        return given

    def _when(self, given: Mapping[str, Any]) -> str:
        return self.moment(given).isoformat() if "time" in given else self.day(given).isoformat()


def load(settings: Settings, engine: Engine, definitions: Definitions, path: Path, now: datetime) -> None:
    """Afterwards everything in the file is there, its cases played through the engine at their own times.

    Raises BadFixture when the installation has people already, or a step is refused.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    sessions = db.make_sessions(engine)
    with db.transaction(sessions) as session:
        if session.scalar(select(Person.id).limit(1)) is not None:
            raise BadFixture(
                "This installation has people already. A fixture is loaded into an empty one only."
            )
        loading = Loading(session, now, clocks.calendar(session))
        _arrangements(loading, content)
    with PdfMaker(resource_folder("static")) as maker:
        worker = Worker(settings, sessions, definitions, mailer(settings), maker, name="fixture")
        for moment, step in sorted(_steps(loading, content), key=lambda one: one[0]):
            with db.transaction(sessions) as session:
                step.play(session, definitions, loading, moment)
            worker.tick(moment)


def _arrangements(loading: Loading, content: Mapping[str, Any]) -> None:
    session = loading.session
    for given in content["areas"]:
        area = Area(code=given["code"], name=given["name"])
        session.add(area)
        loading.areas[area.name] = area
        session.flush()
        for used in given.get("definitions", ()):
            session.add(
                AreaDefinition(
                    area_id=area.id,
                    review=used["review"],
                    definition=used["definition"],
                    from_on=loading.day(used["from"]),
                )
            )
    for given in content["agencies"]:
        agency = Agency(
            name=given["name"],
            area=loading.areas[given["area"]],
            kind=given.get("kind", "relevant agency"),
            partner=given.get("partner"),
        )
        session.add(agency)
        loading.agencies[agency.name] = agency
    for given in content.get("groups", ()):
        area = loading.areas[given["area"]]
        session.add(Group(area_id=area.id, name=given["name"], purpose=given.get("purpose", "")))
    session.flush()
    for given in content["people"]:
        _person(loading, given)


def _person(loading: Loading, given: Mapping[str, Any]) -> None:
    password = given.get("password")
    if password and password not in loading.hashes:
        loading.hashes[password] = Passwords().hash(password)
    agency = loading.agencies.get(given.get("agency", ""))
    person = Person(
        name=given["name"],
        email=given["email"],
        agency_id=agency.id if agency else None,
        password_hash=loading.hashes.get(password or ""),
        added_at=loading.now,
    )
    loading.session.add(person)
    loading.session.flush()
    loading.people[person.email] = person
    for held in given.get("roles", ()):
        loading.session.add(
            RoleHolding(
                person_id=person.id,
                role=held["role"],
                area_id=loading.areas[held["area"]].id,
                from_on=loading.day(held["from"]),
                until_on=loading.day(held["to"]) if "to" in held else None,
            )
        )


# Playing cases


@dataclass
class _Step:
    """One act of one case of the file; the first of a case opens it."""

    case: dict[str, Any]
    given: Mapping[str, Any]

    def play(self, session: Session, definitions: Definitions, loading: Loading, now: datetime) -> None:
        """Do it, as the person and at the time the file says."""
        try:
            if self.given is self.case["opened"]:
                self._open(session, definitions, loading, now)
            elif "reads" in self.given:
                self._read(session, loading, now)
            elif self.given["by"] != SERVICE:
                self._perform(session, definitions, loading, now)
        except (Refused, KeyError) as error:
            what = self.given.get("trigger", "opened")
            raise BadFixture(f"{self.case['review']}, {what}, {self.given['at']}: {error}") from error

    def _open(self, session: Session, definitions: Definitions, loading: Loading, now: datetime) -> None:
        opening = Opening(
            self.case["review"],
            loading.areas[self.case["area"]].id,
            loading.people[self.given["by"]].id,
            loading.answer(self.given.get("answers", {})),
        )
        self.case["id"] = open_case(session, definitions, opening, now).case_id

    def _read(self, session: Session, loading: Loading, now: datetime) -> None:
        report = session.scalars(
            select(Recommendation.report_id)
            .join(Case, Case.id == Recommendation.case_id)
            .where(Case.public_id == self.case["id"])
            .order_by(Recommendation.number.desc())
        ).first()
        session.add(ReportRead(document_id=report, person_id=loading.people[self.given["by"]].id, at=now))

    def _perform(self, session: Session, definitions: Definitions, loading: Loading, now: datetime) -> None:
        command = Command(
            self.case["id"],
            self.given["trigger"],
            loading.people[self.given["by"]].id,
            subject_id=self._subject(session, loading),
            answers=loading.answer(self.given.get("answers", {})),
        )
        perform(session, definitions, command, now)

    def _subject(self, session: Session, loading: Loading) -> str | None:
        given = self.given.get("subject")
        if given is None:
            return None
        case_id = session.scalars(select(Case.id).where(Case.public_id == self.case["id"])).one()
        if "request_of" in given:
            agency = loading.agencies[given["request_of"]]
            return session.scalars(
                select(InformationRequest.public_id).where(
                    InformationRequest.case_id == case_id, InformationRequest.agency_id == agency.id
                )
            ).one()
        if "action" in given:
            found = session.scalars(
                select(Action.public_id).where(Action.case_id == case_id).order_by(Action.id)
            ).all()
            return found[int(given["action"]) - 1]
        return session.scalars(
            select(RatifierQuestion.public_id)
            .join(Recommendation, Recommendation.id == RatifierQuestion.recommendation_id)
            .where(Recommendation.case_id == case_id)
            .order_by(RatifierQuestion.id.desc())
        ).first()


def _steps(loading: Loading, content: Mapping[str, Any]) -> list[tuple[datetime, _Step]]:
    found = []
    for case in content.get("cases", ()):
        for given in (case["opened"], *case.get("steps", ())):
            found.append((loading.moment(given["at"]), _Step(case, given)))
    return found


# The commands


def load_demo(settings: Settings, engine: Engine, now: datetime) -> None:
    """Afterwards an empty installation holds the invented partnership; any other is left as it is."""
    with db.reading(db.make_sessions(engine)) as session:
        if session.scalar(select(Person.id).limit(1)) is not None:
            return
    say("Loading the demo partnership …")
    load(settings, engine, app.read_definitions(settings), resource_folder("examples") / DEMO, now)


def demo_sign_ins() -> list[str]:
    """One invented person for each kind of role, with the password they share."""
    content = yaml.safe_load((resource_folder("examples") / DEMO).read_text(encoding="utf-8"))
    lines = []
    for role in SHOWN_ROLES:
        person = next(
            one for one in content["people"] if any(held["role"] == role for held in one.get("roles", ()))
        )
        lines.append(f"{person['email']:<48} {role.replace('_', ' ')}")
    return [*lines, f"The password of each: {content['people'][0]['password']}"]


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="such as examples/essex.yaml")


def import_fixture(options: argparse.Namespace) -> int:
    """Load a fixture into an empty installation."""
    try:
        settings = read_settings()
        engine = db.connect(settings.database_url)
        load(settings, engine, app.read_definitions(settings), options.file, wall_clock())
    except (BadSetting, BadFixture, app.NotReady, OSError, yaml.YAMLError) as fault:
        return complain(str(fault))
    say("Loaded.")
    return 0


SUB_COMMANDS = (
    SubCommand(
        ("import-fixture",), "load a file of areas, people and cases", _import_options, import_fixture
    ),
)
