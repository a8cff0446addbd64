"""Requests and returns as a story: who is asked, what comes back, what is told to whom."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from reviewflow import engine
from reviewflow.alerts import Alert
from reviewflow.alerts.sending import MailFolder
from reviewflow.casefile.record import MovedOn, NotYours, Refused
from reviewflow.casefile.tables import Participation
from reviewflow.db import transaction
from reviewflow.documents import Document
from reviewflow.engine import Command
from reviewflow.pdf import PdfMaker
from reviewflow.people import Person, roles, roles_held
from reviewflow.requests import InformationRequest, Return, Standing, reading
from reviewflow.requests.chronology import MergedLine, Sight, merged
from reviewflow.settings import Settings
from reviewflow.worker import Worker
from tests.making import (
    RETURN,
    CaseInPlay,
    Partnership,
    london,
    make_case,
    make_person,
    plan_meeting,
    steps_to,
)

SEVEN = (
    "Children's social care",
    "County police",
    "Blackwater Hospital",
    "Saltings Homes",
    "Marsh Lane Primary School",
    "Creekside Surgery",
    "Riverside Community Health",
)
EIGHT = (*SEVEN, "Tideway Recovery Service")
WINDOW_ENDS = date(2026, 12, 21)


@pytest.fixture
def case(partnership: Partnership) -> CaseInPlay:
    """A review on its first day, before anybody is asked."""
    return make_case(partnership, "gathering")


def ask(case: CaseInPlay, *agencies: str, at: str = "2026-12-11 09:40", **more: str) -> None:
    answers = {
        "agencies": [case.agency(name) for name in agencies],
        "period_from": "2025-01-01",
        "period_until": "2026-12-07",
        "questions": "What did you know, and what did you do?",
    }
    case.do("ask_agencies", "Ines", answers | more, at=at)


def request_to(case: CaseInPlay, agency: str) -> InformationRequest:
    public_id = case.request_of(agency)
    with case.partnership.sessions() as session:
        return session.scalars(
            select(InformationRequest).where(InformationRequest.public_id == public_id)
        ).one()


def returns_to(case: CaseInPlay, agency: str) -> list[Return]:
    request = request_to(case, agency)
    with case.partnership.sessions() as session:
        return list(
            session.scalars(select(Return).where(Return.request_id == request.id).order_by(Return.number))
        )


def told(case: CaseInPlay, message: str) -> dict[str, Alert]:
    """Who was told this, by first name, with the last mail each got."""
    with case.partnership.sessions() as session:
        rows = session.execute(
            select(Person.name, Alert)
            .join(Person, Person.id == Alert.person_id)
            .where(Alert.message == message)
            .order_by(Alert.id)
        )
        return {name.split()[0]: alert for name, alert in rows}


def chronology(case: CaseInPlay, sight: Sight | None = None) -> list[MergedLine]:
    with case.partnership.sessions() as session:
        return merged(session, case.row.id, sight or Sight(all_agencies=True))


def line(on: str, event: str, at_time: str = "") -> dict[str, str]:
    return {"on": on, "at_time": at_time, "source": "Notes", "event": event, "child_seen": "seen"}


# Asking


def test_each_agency_gets_one_request_by_the_last_day_of_the_window(case: CaseInPlay) -> None:
    ask(case, *SEVEN)

    assert {request_to(case, name).due_on for name in SEVEN} == {WINDOW_ENDS}


def test_agencies_in_two_areas_are_told_their_own_name_and_day(case: CaseInPlay) -> None:
    ask(case, *SEVEN)

    mails = told(case, "information_requested")

    assert set(mails) == {"Nadia", "Finn", "Jory", "Petra", "Amos", "Owen", "Bryony"}
    said = mails["Bryony"].variables
    assert said["agency"] == "Riverside Community Health"
    assert said["due"] == "Monday 21 December 2026"
    assert said["days_left"] == "6 working days left"
    assert said["link"] == f"/cases/{case.id}/requests/{case.request_of('Riverside Community Health')}"
    assert mails["Nadia"].variables["agency"] == "Children's social care"


def test_an_agency_added_midway_has_its_own_due_day(case: CaseInPlay) -> None:
    ask(case, *SEVEN)

    ask(case, "Tideway Recovery Service", at="2026-12-17 13:30", due_on="2026-12-22")

    assert request_to(case, "Tideway Recovery Service").due_on == date(2026, 12, 22)
    assert request_to(case, "County police").due_on == WINDOW_ENDS
    assert told(case, "information_requested")["Tess"].variables["days_left"] == "3 working days left"


def test_an_agency_is_asked_once(case: CaseInPlay) -> None:
    ask(case, "County police")

    with pytest.raises(Refused, match="County police was already asked"):
        ask(case, "County police", "Creekside Surgery", at="2026-12-14 09:00")

    with case.partnership.sessions() as session:
        assert len(session.scalars(select(InformationRequest)).all()) == 1


def test_a_day_after_the_reviews_limit_needs_its_reason(case: CaseInPlay) -> None:
    with pytest.raises(Refused, match="after the last day of the review, Tuesday 5 January 2027"):
        ask(case, "County police", due_on="2027-01-06")

    ask(case, "County police", due_on="2027-01-06", why_after_the_limit="The file is abroad.")

    assert request_to(case, "County police").due_on == date(2027, 1, 6)


def test_a_day_that_has_passed_is_refused(case: CaseInPlay) -> None:
    with pytest.raises(Refused, match="has passed"):
        ask(case, "County police", due_on="2026-12-10")


# Short answers


def test_not_involved_is_a_result_and_told_to_the_coordinator(case: CaseInPlay) -> None:
    ask(case, "Saltings Homes")

    case.do(
        "answer_not_involved",
        "Petra",
        {"explanation": "Both names, archive included."},
        subject=case.request_of("Saltings Homes"),
    )

    request = request_to(case, "Saltings Homes")
    assert (request.standing, request.is_settled, request.is_late) == (Standing.NOT_INVOLVED, True, False)
    assert told(case, "agency_not_involved")["Ines"].variables["agency"] == "Saltings Homes"


def test_records_in_an_archive_are_expected_on_a_day(case: CaseInPlay) -> None:
    ask(case, "Riverside Community Health")
    subject = case.request_of("Riverside Community Health")

    case.do(
        "secure_records", "Bryony", {"secured_by": "Bryony Knot", "secured_on": "2026-12-15"}, subject=subject
    )
    case.do(
        "report_archived_records",
        "Bryony",
        {"asked_on": "2026-12-15", "expected_on": "2026-12-23"},
        subject=subject,
    )

    request = request_to(case, "Riverside Community Health")
    assert (request.archive_asked_on, request.archive_expected_on) == (date(2026, 12, 15), date(2026, 12, 23))
    assert (request.secured_by, request.secured_on) == ("Bryony Knot", date(2026, 12, 15))
    assert told(case, "records_in_archive")["Ines"].variables["agency"] == "Riverside Community Health"


def test_nobody_answers_for_another_agency(case: CaseInPlay) -> None:
    ask(case, "Saltings Homes", "County police")

    with pytest.raises(NotYours, match="asked of another agency"):
        case.do(
            "answer_not_involved", "Finn", {"explanation": "No."}, subject=case.request_of("Saltings Homes")
        )

    assert request_to(case, "Saltings Homes").standing == Standing.ASKED


# Not me: ask …


def pass_on(case: CaseInPlay, name: str, email: str) -> None:
    subject = case.request_of("Marsh Lane Primary School")
    case.do("pass_request_on", "Amos", {"name": name, "email": email}, subject=subject)


def test_a_request_passed_on_invites_the_colleague(case: CaseInPlay) -> None:
    ask(case, "Marsh Lane Primary School")

    pass_on(case, "Lena Siskin", "lena.siskin@marsh-lane-school.example")

    assert set(told(case, "invitation")) == {"Lena"}
    assert set(told(case, "request_passed_on")) == {"Ines"}
    with case.partnership.sessions() as session:
        lena = roles.person_with(session, "lena.siskin@marsh-lane-school.example")
        assert lena is not None
        held = {one.role for one in roles_held(session, lena.id, case.now.date())}
    assert held == {"agency_contact"}
    assert request_to(case, "Marsh Lane Primary School").passed_to_id == lena.id


def test_once_passed_on_the_colleague_is_told_and_the_senior_lead_stays(case: CaseInPlay) -> None:
    ask(case, "Marsh Lane Primary School")
    pass_on(case, "Lena Siskin", "lena.siskin@marsh-lane-school.example")
    subject = case.request_of("Marsh Lane Primary School")

    case.do("note_chase", "Ines", {"how": "mail", "note": "Asked again."}, subject=subject)
    with transaction(case.partnership.sessions) as session:
        lena = roles.person_with(session, "lena.siskin@marsh-lane-school.example")
        assert lena is not None
        case.partnership.people["Lena"] = lena
    case.do("send_return", "Lena", RETURN, subject=subject)

    assert set(told(case, "request_chased")) == {"Lena"}
    assert set(told(case, "return_to_sign_off")) == {"Amos"}


def test_reminders_go_to_the_colleague(case: CaseInPlay, tmp_path: Path) -> None:
    ask(case, "Marsh Lane Primary School", "County police")
    pass_on(case, "Lena Siskin", "lena.siskin@marsh-lane-school.example")
    settings = Settings(
        secret_key="a-key-for-tests-only-0123456789abcdef", data_folder=tmp_path, database_url="unused"
    )
    sessions, definitions = case.partnership.sessions, case.partnership.definitions

    with PdfMaker(tmp_path) as maker:
        worker = Worker(settings, sessions, definitions, MailFolder(tmp_path), maker)
        worker.tick(london("2026-12-17 08:00"))

    reminders = told(case, "request_reminder")
    assert set(reminders) == {"Lena", "Finn"}
    assert reminders["Lena"].variables["agency"] == "Marsh Lane Primary School"


def test_a_colleague_who_signs_in_already_is_told_of_the_request_itself(case: CaseInPlay) -> None:
    ask(case, "Marsh Lane Primary School")
    school = case.partnership.agencies["Marsh Lane Primary School"]
    with transaction(case.partnership.sessions) as session:
        lena = make_person(session, "Lena Siskin", area=school.area, agency=school)
        lena.password_hash = "known"

    pass_on(case, "Lena Siskin", lena.email)

    mail = told(case, "information_requested")["Lena"]
    assert mail.variables["agency"] == "Marsh Lane Primary School"
    assert told(case, "invitation") == {}


def test_a_request_is_not_passed_to_another_agency_or_to_oneself(case: CaseInPlay) -> None:
    ask(case, "Marsh Lane Primary School")

    with pytest.raises(Refused, match="cannot answer for your agency"):
        pass_on(case, "Finn Shrike", case.partnership["Finn"].email)
    with pytest.raises(Refused, match="your own email address"):
        pass_on(case, "Amos Bittern", case.partnership["Amos"].email)

    assert request_to(case, "Marsh Lane Primary School").passed_to_id is None


# Returns


def test_a_return_is_in_when_a_second_person_has_signed_it(case: CaseInPlay) -> None:
    ask(case, "County police")
    subject = case.request_of("County police")

    case.do("send_return", "Finn", RETURN, subject=subject, at="2026-12-16 11:00")
    before = (request_to(case, "County police").standing, chronology(case))
    case.do("sign_off_return", "Marta", {"agreed": "yes"}, subject=subject, at="2026-12-16 15:30")

    assert before == (Standing.AWAITING_SIGN_OFF, [])
    assert set(told(case, "return_to_sign_off")) == {"Marta"}
    assert set(told(case, "return_received")) == {"Ines"}
    assert request_to(case, "County police").standing == Standing.RETURNED
    assert [one.event for one in chronology(case)] == ["A neighbour reported shouting at night"]
    assert returns_to(case, "County police")[0].signed_off_name == "Marta Hobby"


def test_who_wrote_a_return_does_not_sign_it(case: CaseInPlay) -> None:
    ask(case, "Marsh Lane Primary School")
    subject = case.request_of("Marsh Lane Primary School")
    case.do("send_return", "Amos", RETURN, subject=subject)

    with pytest.raises(Refused, match="another senior lead"):
        case.do("sign_off_return", "Amos", {"agreed": "yes"}, subject=subject)


def test_a_return_sent_back_is_replaced_by_the_next(case: CaseInPlay) -> None:
    ask(case, "Children's social care")
    subject = case.request_of("Children's social care")
    first = RETURN | {"chronology": [line("2026-02-10", "First words")]}
    second = RETURN | {"chronology": [line("2026-02-10", "Better words"), line("2026-03-01", "And after")]}

    case.do("send_return", "Nadia", first, subject=subject, at="2026-12-17 10:20")
    case.do("send_return_back", "Edmund", {"reason": "What was done then?"}, subject=subject)
    sent_back = request_to(case, "Children's social care").standing
    case.do("send_return", "Nadia", second, subject=subject, at="2026-12-21 10:00")
    case.do("sign_off_return", "Edmund", {"agreed": "yes"}, subject=subject, at="2026-12-21 13:00")

    assert sent_back == Standing.ASKED
    assert set(told(case, "return_sent_back")) == {"Nadia"}
    assert [one.event for one in chronology(case)] == ["Better words", "And after"]
    assert returns_to(case, "Children's social care")[0].sent_back_reason == "What was done then?"


def test_a_part_is_read_at_once_and_its_lines_stay(case: CaseInPlay) -> None:
    ask(case, "Blackwater Hospital")
    subject = case.request_of("Blackwater Hospital")
    part = {
        "summary": "The admission.",
        "chronology": [line("2026-12-06", "Brought in", "21:40")],
        "still_to_come": "Earlier visits.",
        "rest_expected_on": "2026-12-18",
    }

    case.do("send_part_of_return", "Jory", part, subject=subject, at="2026-12-15 16:20")
    after_part = [one.event for one in chronology(case)]
    rest = RETURN | {"chronology": [line("2026-12-06", "Brought in", "21:40"), line("2025-07-02", "A fall")]}
    case.do("send_return", "Jory", rest, subject=subject, at="2026-12-18 14:00")
    case.do("sign_off_return", "Agnes", {"agreed": "yes"}, subject=subject, at="2026-12-18 16:10")

    assert after_part == ["Brought in"]
    assert [one.event for one in chronology(case)] == ["A fall", "Brought in"]
    assert request_to(case, "Blackwater Hospital").rest_expected_on == date(2026, 12, 18)
    assert [one.is_partial for one in returns_to(case, "Blackwater Hospital")] == [True, False]


def test_a_late_return_says_so(case: CaseInPlay) -> None:
    ask(case, "Riverside Community Health")
    subject = case.request_of("Riverside Community Health")

    case.do("send_return", "Bryony", RETURN, subject=subject, at="2026-12-23 13:30")
    case.do("sign_off_return", "Cyril", {"agreed": "yes"}, subject=subject, at="2026-12-23 15:00")

    assert request_to(case, "Riverside Community Health").is_late
    sent = returns_to(case, "Riverside Community Health")[0]
    assert (sent.is_late, sent.after_decision) == (True, False)
    assert chronology(case)[0].comes_from == "Signed-off return, late"


def test_a_return_after_the_decision_is_marked_and_moves_nothing(partnership: Partnership) -> None:
    case = make_case(partnership, "gathering")
    ask(case, "Tideway Recovery Service", at="2026-12-11 09:00")
    subject = case.request_of("Tideway Recovery Service")
    case.do("go_on_without", "Ines", {"reason": "Nothing was promised."}, subject=subject)
    for step in steps_to("awaiting_ratification")[len(steps_to("gathering")) :]:
        step(case)

    case.do("send_return", "Tess", RETURN, subject=subject, at="2027-01-04 13:10")
    case.do("sign_off_return", "Noel", {"agreed": "yes"}, subject=subject, at="2027-01-04 14:45")

    sent = returns_to(case, "Tideway Recovery Service")[0]
    assert (sent.is_late, sent.after_decision) == (True, True)
    assert case.state == "awaiting_ratification"
    assert request_to(case, "Tideway Recovery Service").gap == "Nothing was promised."


def test_a_return_after_the_decision_was_taken_back_is_not_after_it(partnership: Partnership) -> None:
    case = make_case(partnership, "gathering")
    ask(case, "Tideway Recovery Service", at="2026-12-11 09:00")
    subject = case.request_of("Tideway Recovery Service")
    case.do("go_on_without", "Ines", {"reason": "Nothing was promised."}, subject=subject)
    for step in steps_to("making_report")[len(steps_to("gathering")) :]:
        step(case)
    case.do("take_back_recommendation", "Ines", {"reason": "A view is missing."})

    case.do("send_return", "Tess", RETURN, subject=subject)

    assert returns_to(case, "Tideway Recovery Service")[0].after_decision is False


# On behalf, chasing, going on without


def test_a_return_on_paper_is_entered_with_its_original(case: CaseInPlay) -> None:
    ask(case, "Creekside Surgery")
    original = a_document(case)
    answers = RETURN | {"original": original, "signed_by": "Owen Fulmar, partner", "signed_on": "2026-12-15"}

    case.do(
        "enter_return_on_behalf",
        "Ines",
        answers,
        subject=case.request_of("Creekside Surgery"),
        at="2026-12-16 09:20",
    )

    sent = returns_to(case, "Creekside Surgery")[0]
    assert request_to(case, "Creekside Surgery").standing == Standing.RETURNED
    assert (sent.on_behalf, sent.signed_off_name) == (True, "Owen Fulmar, partner")
    assert sent.signed_off_at is not None
    assert sent.signed_off_at.date() == date(2026, 12, 15)
    assert sent.original_document_id is not None
    assert chronology(case)[0].comes_from == "Return entered for the agency"


def test_no_return_is_entered_without_its_original(case: CaseInPlay) -> None:
    ask(case, "Creekside Surgery")

    with pytest.raises(Refused, match="Attach the return"):
        case.do(
            "enter_return_on_behalf",
            "Ines",
            RETURN | {"original": "another", "signed_by": "O", "signed_on": "2026-12-15"},
            subject=case.request_of("Creekside Surgery"),
        )


def test_a_chase_is_noted_and_told(case: CaseInPlay) -> None:
    ask(case, "Riverside Community Health")

    case.do(
        "note_chase",
        "Ines",
        {"how": "phone", "note": "The file is on its way.", "promised_on": "2026-12-23"},
        subject=case.request_of("Riverside Community Health"),
        at="2026-12-21 14:30",
    )

    assert told(case, "request_chased")["Bryony"].variables["days_left"] == "due today"
    with case.partnership.sessions() as session:
        chased = reading.chases_of(session, request_to(case, "Riverside Community Health").id)
    assert [(one.by, one.how, one.promised_on) for one in chased] == [
        ("Ines Lapwing", "phone", date(2026, 12, 23))
    ]


def test_a_return_waiting_for_sign_off_can_be_gone_without_and_still_come(case: CaseInPlay) -> None:
    ask(case, "County police")
    subject = case.request_of("County police")
    case.do("send_return", "Finn", RETURN, subject=subject)

    case.do("go_on_without", "Ines", {"reason": "Their senior lead is away."}, subject=subject)
    gone = request_to(case, "County police")
    case.do("close_gathering", "Ines")
    case.do("sign_off_return", "Marta", {"agreed": "yes"}, subject=subject, at="2026-12-22 09:00")

    assert (gone.standing, gone.is_settled) == (Standing.AWAITING_SIGN_OFF, True)
    assert request_to(case, "County police").standing == Standing.RETURNED
    assert set(told(case, "going_on_without")) == {"Finn"}


# Sharing


def test_the_pack_is_told_to_everybody_who_takes_part(case: CaseInPlay) -> None:
    ask(case, "Saltings Homes", "County police", "Marsh Lane Primary School")
    case.do("answer_not_involved", "Petra", {"explanation": "No."}, subject=case.request_of("Saltings Homes"))
    plan_meeting(case)

    case.do("share_pack", "Ines", {"note": ""}, at="2026-12-23 16:15")

    agencies = {"Finn", "Amos"}
    assert set(told(case, "pack_shared")) == {"Hugo", "Salma", "Odette", "Miriam", "Rufus", *agencies}


def test_an_agency_sees_its_own_lines_and_the_area_all(case: CaseInPlay) -> None:
    ask(case, "Blackwater Hospital", "County police")
    for who, agency, event in (
        ("Jory", "Blackwater Hospital", "A fall"),
        ("Finn", "County police", "A call"),
    ):
        part = {"summary": "S", "still_to_come": "More", "chronology": [line("2026-02-10", event)]}
        case.do("send_part_of_return", who, part, subject=case.request_of(agency))

    police = case.partnership.agencies["County police"].id
    own = chronology(case, Sight(all_agencies=False, own_agency_id=police))

    assert [one.event for one in own] == ["A call"]
    assert {one.event for one in chronology(case)} == {"A fall", "A call"}


def test_an_agency_sees_what_it_sent_before_it_is_signed_off(case: CaseInPlay) -> None:
    ask(case, "County police")
    case.do("send_return", "Finn", RETURN, subject=case.request_of("County police"))

    police = case.partnership.agencies["County police"].id
    own = chronology(case, Sight(all_agencies=False, own_agency_id=police))

    assert [one.comes_from for one in own] == ["Return waiting for sign-off"]
    assert chronology(case) == []


# Several people at once


def test_eight_agencies_with_their_forms_open_all_get_in(case: CaseInPlay) -> None:
    ask(case, *SEVEN)
    opened = {name: request_to(case, name).version for name in SEVEN}
    who = ("Nadia", "Finn", "Jory", "Petra", "Amos", "Owen", "Bryony")

    for name, person in zip(SEVEN, who, strict=True):
        case.do("send_return", person, RETURN, subject=case.request_of(name), version_seen=opened[name])

    assert {request_to(case, name).standing for name in SEVEN} == {Standing.AWAITING_SIGN_OFF}


def test_two_people_of_one_agency_at_once_leave_one_return(case: CaseInPlay) -> None:
    ask(case, "County police")
    subject, opened = case.request_of("County police"), request_to(case, "County police").version
    case.do("send_part_of_return", "Finn", {"summary": "S"}, subject=subject, version_seen=opened)

    with pytest.raises(MovedOn, match="Somebody else has changed this"):
        case.do("send_return", "Marta", RETURN, subject=subject, version_seen=opened)

    assert len(returns_to(case, "County police")) == 1


def test_who_wrote_and_who_signed_took_part(case: CaseInPlay) -> None:
    ask(case, "County police")
    subject = case.request_of("County police")
    case.do("send_return", "Finn", RETURN, subject=subject)
    case.do("sign_off_return", "Marta", {"agreed": "yes"}, subject=subject)

    with case.partnership.sessions() as session:
        rows = session.execute(
            select(Person.name, Participation.capacity).join(Person, Person.id == Participation.person_id)
        )
        parts = set(rows.all())
    assert ("Finn Shrike", "wrote a return") in parts
    assert ("Marta Hobby", "signed a return") in parts


def a_document(case: CaseInPlay) -> str:
    """A document of the case, as an upload leaves it."""
    with transaction(case.partnership.sessions) as session:
        document = Document(
            case_id=case.row.id,
            kind="upload",
            title="return.docx",
            file_name="return.docx",
            media_type="application/octet-stream",
            added_at=case.now,
            size=4,
            sha256="0" * 64,
            content=b"word",
        )
        session.add(document)
    return document.public_id


def test_eight_returns_at_the_same_moment_all_get_in(case: CaseInPlay) -> None:
    ask(case, *EIGHT)
    who = dict(zip(EIGHT, ("Nadia", "Finn", "Jory", "Petra", "Amos", "Owen", "Bryony", "Tess"), strict=True))
    opened = {name: request_to(case, name) for name in EIGHT}
    start = threading.Barrier(len(EIGHT))

    def send(name: str) -> int:
        person, request = case.partnership[who[name]], opened[name]
        command = Command(
            case.id,
            "send_return",
            person.id,
            subject_id=request.public_id,
            version_seen=request.version,
            answers=RETURN,
        )
        start.wait(timeout=30)
        with transaction(case.partnership.sessions) as session:
            return engine.perform(session, case.partnership.definitions, command, case.now).number

    with ThreadPoolExecutor(len(EIGHT)) as pool:
        numbers = sorted(pool.map(send, EIGHT))

    assert numbers == list(range(numbers[0], numbers[0] + len(EIGHT)))
    assert {request_to(case, name).standing for name in EIGHT} == {Standing.AWAITING_SIGN_OFF}
