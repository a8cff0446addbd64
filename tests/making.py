"""People, agencies and cases for tests. A case comes to a state by real triggers, never by writing rows.

Who there is comes from `journeys/fifteen_days.yaml`, and the order of the steps from `fifteen_days.md`.
A new step is one function; `STAGES` says which steps lead to which state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import engine
from reviewflow.actions import Action
from reviewflow.casefile.tables import Case
from reviewflow.db import Sessions, reading, transaction
from reviewflow.documents import Document, Making
from reviewflow.engine import Command, Done, Opening
from reviewflow.meetings import Meeting
from reviewflow.people import Agency, Area, AreaDefinition, Person, RoleHolding
from reviewflow.ratification import RatifierQuestion, Recommendation, ReportRead
from reviewflow.requests import InformationRequest
from reviewflow.workflow.definition import Definitions

PEOPLE = Path(__file__).parent / "journeys" / "fifteen_days.yaml"
LONDON = ZoneInfo("Europe/London")
FROM = date(2026, 1, 1)


def london(text: str) -> datetime:
    """`2026-12-07 14:20` as a London time."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


# One of each


def make_area(session: Session, code: str = "ESX", name: str = "Essex", *reviews: str) -> Area:
    """An area with nobody in it, which uses these reviews; any, where none is named."""
    area = Area(code=code, name=name)
    session.add(area)
    session.flush()
    for one in reviews:
        session.add(AreaDefinition(area_id=area.id, review=one, definition=one, from_on=FROM))
    return area


def make_agency(
    session: Session,
    area: Area,
    name: str = "County council",
    partner: str | None = None,
    kind: str = "relevant agency",
) -> Agency:
    """An agency of this area."""
    agency = Agency(area=area, name=name, partner=partner, kind=kind)
    session.add(agency)
    session.flush()
    return agency


def make_person(
    session: Session,
    name: str,
    *roles: str,
    area: Area,
    agency: Agency | None = None,
    email: str | None = None,
    from_on: date = FROM,
    until_on: date | None = None,
) -> Person:
    """Somebody who holds these roles in this area from one day up to and including another."""
    person = Person(
        name=name,
        email=email or f"{name.lower().replace(' ', '.')}@agency.example",
        agency=agency,
        added_at=london("2026-01-01 09:00"),
    )
    session.add(person)
    session.flush()
    session.add_all(
        RoleHolding(person_id=person.id, role=role, area_id=area.id, from_on=from_on, until_on=until_on)
        for role in roles
    )
    session.flush()
    return person


# Everybody of the fifteen days


@dataclass
class Partnership:
    """Two areas, their agencies by name and their people by first name, on one database."""

    sessions: Sessions
    definitions: Definitions
    areas: dict[str, Area]
    agencies: dict[str, Agency]
    people: dict[str, Person]

    def __getitem__(self, first_name: str) -> Person:
        return self.people[first_name]


def make_everybody(sessions: Sessions) -> None:
    """Afterwards everybody who is there on the first of the fifteen days is in the database."""
    given = yaml.load(PEOPLE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    with transaction(sessions) as session:
        areas = {
            one["name"]: make_area(
                session, one["code"], one["name"], *(used["definition"] for used in one["definitions"])
            )
            for one in given["areas"]
        }
        agencies = {
            one["name"]: make_agency(
                session, areas[one["area"]], one["name"], one.get("partner"), one["kind"]
            )
            for one in given["agencies"]
        }
        for one in given["people"]:
            first = one["roles"][0]
            make_person(
                session,
                one["name"],
                *(held["role"] for held in one["roles"]),
                area=areas[first["area"]],
                agency=agencies[one["agency"]],
                email=one["email"],
                from_on=date.fromisoformat(first["from"]),
                until_on=date.fromisoformat(first["to"]) if "to" in first else None,
            )


def find_partnership(sessions: Sessions, definitions: Definitions) -> Partnership:
    """Everybody of the fifteen days, as `make_everybody` left them."""
    with reading(sessions) as session:
        return Partnership(
            sessions,
            definitions,
            {area.name: area for area in session.scalars(select(Area))},
            {agency.name: agency for agency in session.scalars(select(Agency))},
            {person.name.split()[0]: person for person in session.scalars(select(Person))},
        )


# A case being played


@dataclass
class CaseInPlay:
    """A case, and the time its last step was done. Each further step is a minute later, or `at` its own."""

    partnership: Partnership
    id: str
    now: datetime
    outcome: str = "no_further_review"

    def do(
        self,
        trigger: str,
        by: str | None,
        answers: Mapping[str, Any] | None = None,
        subject: str | None = None,
        at: str | None = None,
        **more: Any,
    ) -> Done:
        """`by` does it, or the service where nobody is named. Raises what the engine raises."""
        self.now = london(at) if at else self.now + timedelta(minutes=1)
        actor_id = self.partnership[by].id if by else None
        command = Command(self.id, trigger, actor_id, subject_id=subject, answers=answers or {}, **more)
        with transaction(self.partnership.sessions) as session:
            return engine.perform(session, self.partnership.definitions, command, self.now)

    @property
    def row(self) -> Case:
        with self.partnership.sessions() as session:
            return session.scalars(select(Case).where(Case.public_id == self.id)).one()

    @property
    def state(self) -> str:
        return self.row.state

    def agency(self, name: str) -> str:
        return self.partnership.agencies[name].public_id

    def person(self, first_name: str) -> str:
        return self.partnership[first_name].public_id

    def request_of(self, agency: str) -> str:
        """The public id of this case's request to an agency."""
        with self.partnership.sessions() as session:
            return session.scalars(
                select(InformationRequest.public_id)
                .join(Case, Case.id == InformationRequest.case_id)
                .join(Agency, Agency.id == InformationRequest.agency_id)
                .where(Case.public_id == self.id, Agency.name == agency)
            ).one()

    def latest(self, table: type[Action] | type[Meeting] | type[RatifierQuestion]) -> str:
        """The public id of the latest action, meeting or question of this case."""
        query = select(table.public_id).order_by(table.id.desc()).limit(1)
        if table is RatifierQuestion:
            query = query.join(Recommendation).where(Recommendation.case_id == self.row.id)
        else:
            query = query.where(table.case_id == self.row.id)
        with self.partnership.sessions() as session:
            return session.scalars(query).one()

    def report(self) -> Document:
        """The report of the latest recommendation."""
        with self.partnership.sessions() as session:
            return session.scalars(
                select(Document)
                .join(Recommendation, Recommendation.report_id == Document.id)
                .where(Recommendation.case_id == self.row.id)
                .order_by(Recommendation.number.desc())
                .limit(1)
            ).one()


REFERRAL = {
    "description": "A girl of four was brought to hospital, gravely hurt.",
    "date_known": "date",
    "from_on": "2026-12-06",
    "until_on": None,
    "council_became_aware_on": "2026-12-07",
    "harm": "serious_harm",
    "abuse": ["physical"],
    "setting": "family_home",
    "place": "Estuary Town",
    "known_to": [],
    "known_to_others": "",
    "safety": "none_needed",
    "safety_reason": "She is in hospital, and her brother is with his grandmother.",
    "actions": [],
    "children": [
        {
            "sex": {"known": "female"},
            "ethnicity": {"not_known": "not_recorded"},
            "disability": {"not_known": "not_yet_obtained"},
            "placement": {"known": "parents"},
            "legal_status": {"known": "none"},
            "plan": {"known": "none"},
            "looked_after": {"known": "no"},
        }
    ],
    "identity": [
        {
            "name": {"known": "Poppy Larkspur"},
            "also_known_as": "",
            "born_on": {"known": "2022-03-01"},
            "addresses": "1 Nowhere Close, Estuary Town",
            "nhs_number": "999 001 0005",
        }
    ],
    "household": "Mother\nHer partner\nA brother",
}
RETURN = {
    "summary": "Two contacts in the past year, each closed after a visit.",
    "chronology": [
        {
            "on": "2026-02-10",
            "at_time": "10:15",
            "source": "Case record",
            "event": "A neighbour reported shouting at night",
            "response": "Visit by a social worker",
            "child_seen": "seen_and_heard",
        }
    ],
    "working_well": "The visits were prompt.",
    "worried_about": "Each contact was looked at by itself.",
    "why": "Nobody is asked to read the earlier contacts together.",
    "action_taken": "Records were read again.",
    "voice_of_the_child": "The child said that nights are loud.",
    "identity_and_culture": "Recorded where known.",
    "parallel_processes": "None known to us.",
}


def refer(partnership: Partnership, review: str = "rapid-review", by: str = "Jory") -> CaseInPlay:
    """Jory refers the incident."""
    now = london("2026-12-07 14:20")
    area = partnership.areas["Essex"]
    opening = Opening(review, area.id, partnership[by].id, REFERRAL)
    with transaction(partnership.sessions) as session:
        done = engine.open_case(session, partnership.definitions, opening, now)
    return CaseInPlay(partnership, done.case_id, now)


def add_immediate_action(case: CaseInPlay) -> None:
    case.do(
        "add_immediate_action",
        "Odette",
        {
            "what": "See the brother where he is staying",
            "owner": "Duty social worker",
            "owner_agency": case.agency("Children's social care"),
            "due_on": "2026-12-08",
        },
        at="2026-12-07 15:10",
    )


def notify(case: CaseInPlay, kind: str = "serious_incident") -> None:
    case.do(
        "notify",
        "Odette",
        {
            "kind": kind,
            "sent_at": "2026-12-10T11:05",
            "panel_reference": "INVENTED-0001",
            "reason": "Abuse or neglect is suspected and a child was seriously harmed.",
        },
        at="2026-12-10 11:30",
    )


def ask_agencies(case: CaseInPlay) -> None:
    """Two agencies are enough for most tests."""
    case.do(
        "ask_agencies",
        "Ines",
        {
            "agencies": [case.agency("Children's social care"), case.agency("Saltings Homes")],
            "period_from": "2024-12-01",
            "period_until": "2026-12-06",
            "questions": "What did your agency know, what did it do, and what did the child tell you?",
        },
        at="2026-12-11 09:40",
    )


def answer_not_involved(case: CaseInPlay) -> None:
    case.do(
        "answer_not_involved",
        "Petra",
        {"explanation": "The family never rented from us."},
        subject=case.request_of("Saltings Homes"),
        at="2026-12-11 14:00",
    )


def plan_meeting(case: CaseInPlay) -> None:
    case.do(
        "plan_meeting",
        "Ines",
        {"starts_at": "2026-12-24T09:30+00:00", "place": "Room 2 and by call", "note": ""},
        at="2026-12-14 11:00",
    )


def send_return(case: CaseInPlay) -> None:
    case.do(
        "send_return",
        "Nadia",
        RETURN,
        subject=case.request_of("Children's social care"),
        at="2026-12-21 10:00",
    )


def sign_off_return(case: CaseInPlay) -> None:
    case.do(
        "sign_off_return",
        "Edmund",
        {"agreed": "yes"},
        subject=case.request_of("Children's social care"),
        at="2026-12-21 13:00",
    )


def close_gathering(case: CaseInPlay) -> None:
    case.do("close_gathering", "Ines", at="2026-12-23 15:40")


def record_meeting(case: CaseInPlay) -> None:
    took_part = [("Odette", "in_the_room", "council"), ("Rufus", "in_the_room", "police")]
    took_part += [("Miriam", "by_call", "health"), ("Salma", "written_view", None)]
    attendance = [
        {"person": case.person(name), "how": how, "partner": partner, "is_deputy": "no"}
        for name, how, partner in took_part
    ]
    case.do(
        "record_meeting",
        "Ines",
        {
            "held_at": "2026-12-24T09:30+00:00",
            "attendance": attendance,
            "working_well": ["Staff who knew the child wrote down what the child said."],
            "worried_about": ["Earlier signs were looked at one by one."],
            "why": ["Systems do not show earlier contacts together."],
            "who_did_what": ["The school rang social care."],
            "needs_to_happen": ["One person reads the earlier contacts before a case is closed."],
        },
        at="2026-12-24 12:00",
    )


def draft_report(case: CaseInPlay) -> None:
    case.do(
        "draft_report",
        "Ines",
        {
            "facts": "Several services each saw a part of what was happening.",
            "analysis": "What was known was enough to ask more.",
            "key_episodes": "The first attendance in hospital.",
            "voice_of_the_child": "The child told two adults what was wrong.",
            "identity_and_culture": "Ethnicity was not recorded by two agencies.",
            "good_practice": "The nurse who wrote down the words of the child.",
            "learning": "Read earlier contacts together.",
        },
        at="2026-12-29 11:00",
    )


def send_to_decision(case: CaseInPlay) -> None:
    case.do("send_to_decision", "Ines", at="2026-12-30 12:15")


def recommend(case: CaseInPlay, under_scrutiny: tuple[str, ...] = ("Children's social care",)) -> None:
    met = {"met": "yes", "reason": "Earlier contacts were not read together."}
    names = ("improvements", "recurrent_themes", "working_together", "panel_concluded")
    owner = case.agency("Children's social care")
    case.do(
        "recommend",
        "Hugo",
        {
            "outcome": case.outcome,
            "reason": "The review found the learning.",
            "criteria": dict.fromkeys(names, met),
            "views": {one: {"view": "agrees", "words": ""} for one in ("council", "health", "police")},
            "dissent": "",
            "under_scrutiny": [case.agency(name) for name in under_scrutiny],
            "national_review_considered": "yes",
            "national_review_reason": "Nothing in it needs a change of national guidance.",
            "equality": "Whether ethnicity changed what was offered was asked of every agency.",
            "immediate_learning": [
                {"what": "Read earlier contacts", "owner_agency": owner, "due_on": "2027-01-20"}
            ],
            "later_learning": [],
        },
        at="2026-12-30 15:00",
    )


def make_the_report(case: CaseInPlay) -> None:
    """The worker makes the PDF: here, a few bytes in its place."""
    content = f"%PDF-1.7 the report of {case.id}".encode()
    report = case.report()
    with transaction(case.partnership.sessions) as session:
        row = session.get_one(Document, report.id)
        row.content, row.size = content, len(content)
        row.sha256, row.making = hashlib.sha256(content).hexdigest(), Making.MADE


def put_before_ratifier(case: CaseInPlay) -> None:
    case.do("put_before_ratifier", None)


def read_the_report(case: CaseInPlay, who: str = "Gwen") -> None:
    """The ratifier opens the report, which the page notes."""
    with transaction(case.partnership.sessions) as session:
        session.add(ReportRead(document_id=case.report().id, person_id=case.partnership[who].id, at=case.now))


def ratify(case: CaseInPlay) -> None:
    case.do(
        "ratify",
        "Gwen",
        {"statement": "I have read the report and ratify the recommendation."},
        at="2027-01-04 10:20",
    )


def submit_to_panel(case: CaseInPlay) -> None:
    case.do(
        "submit_to_panel",
        "Ines",
        {"sent_at": "2027-01-05T10:50+00:00", "how": "Secure mail", "where": "The national Panel"},
        at="2027-01-05 11:00",
    )


def record_panel_reply(case: CaseInPlay, reply: str = "agrees") -> None:
    case.do(
        "record_panel_reply",
        "Ines",
        {"reply": reply, "received_on": "2027-01-14", "text": "The Panel has considered the review."},
        at="2027-01-14 10:00",
    )


def panel_reviews_nationally(case: CaseInPlay) -> None:
    record_panel_reply(case, "national_review")


def finish_review(case: CaseInPlay) -> None:
    case.do("finish_review", "Ines", at="2027-02-05 09:30")


def decide_not_to_notify(case: CaseInPlay) -> None:
    case.do("decide_not_to_notify", "Odette", {"reason": "Neither abuse nor neglect is suspected."})


def notify_only(case: CaseInPlay) -> None:
    notify(case, "looked_after_death")


def withdraw(case: CaseInPlay) -> None:
    case.do("withdraw", "Ines", {"reason": "The same child was referred twice."})


def join_to_another_referral(case: CaseInPlay) -> None:
    other = refer(case.partnership)
    answers = {"reference": other.row.reference, "reason": "The same child."}
    case.do("join_to_another_referral", "Ines", answers)


Step = Callable[[CaseInPlay], None]

STAGES: dict[str, tuple[str | None, tuple[Step, ...]]] = {
    "referred": (None, ()),
    "gathering": ("referred", (add_immediate_action, notify)),
    "analysing": (
        "gathering",
        (ask_agencies, answer_not_involved, plan_meeting, send_return, sign_off_return, close_gathering),
    ),
    "deciding": ("analysing", (record_meeting, draft_report, send_to_decision)),
    "making_report": ("deciding", (recommend,)),
    "awaiting_ratification": ("making_report", (make_the_report, put_before_ratifier)),
    "ratified": ("awaiting_ratification", (read_the_report, ratify)),
    "with_panel": ("ratified", (submit_to_panel,)),
    "panel_replied": ("with_panel", (record_panel_reply,)),
    "closed": ("panel_replied", (finish_review,)),
    "practice_review_opened": ("panel_replied", (finish_review,)),
    "learning_review_opened": ("panel_replied", (finish_review,)),
    "national_review": ("with_panel", (panel_reviews_nationally,)),
    "not_notified": ("referred", (decide_not_to_notify,)),
    "notified_only": ("referred", (add_immediate_action, notify_only)),
    "withdrawn": ("referred", (withdraw,)),
    "joined": ("referred", (join_to_another_referral,)),
}
"""For each state, the one before it on the way there, and the steps from that one."""

OUTCOMES = {"practice_review_opened": "practice_review", "learning_review_opened": "learning_review"}


def steps_to(state: str) -> list[Step]:
    """Every step from a new case to this state, in order."""
    before, steps = STAGES[state]
    return [*(steps_to(before) if before else []), *steps]


def make_case(partnership: Partnership, at: str = "referred", outcome: str | None = None) -> CaseInPlay:
    """A rapid review in this state, come there by everything that leads to it."""
    case = refer(partnership)
    case.outcome = outcome or OUTCOMES.get(at, case.outcome)
    for step in steps_to(at):
        step(case)
    assert case.state == at, f"the steps led to {case.state}"
    return case
