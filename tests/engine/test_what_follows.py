"""What follows an act: people told, linked cases, local answers, tasks, and what happens by itself."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event, select

from reviewflow.alerts import Alert
from reviewflow.by_itself import due_by_itself
from reviewflow.casefile.record import Act, NotYours, Refused
from reviewflow.casefile.tables import Case, CaseMember, Fact
from reviewflow.db import transaction
from reviewflow.documents import Document
from reviewflow.people import Person
from reviewflow.requests import InformationRequest
from reviewflow.workflow.load import load
from tests.engine.conftest import DEFINITIONS
from tests.engine.test_the_record import events_of
from tests.making import CaseInPlay, add_immediate_action, london, make_case, make_person, notify


def told(case: CaseInPlay) -> set[tuple[str, str]]:
    """The message and the first name of everybody told about this case."""
    with case.partnership.sessions() as session:
        rows = session.execute(
            select(Alert.message, Person.name)
            .join(Person, Person.id == Alert.person_id)
            .where(Alert.case_id == case.row.id)
        )
        return {(message, name.split()[0]) for message, name in rows}


def rows_of(case: CaseInPlay, table):
    with case.partnership.sessions() as session:
        return list(session.scalars(select(table).where(table.case_id == case.row.id).order_by(table.id)))


# Told, and only when


def test_everybody_else_in_a_role_is_told_and_only_when_it_holds(open_case):
    case = open_case("following")

    case.do("finish", "Ines", {"go_on": "no"})

    message = "{reference} is over: {what}."
    assert told(case) == {(message, "Hugo"), (message, "Salma")}


def test_when_is_asked_after_what_stands_before_it_has_followed(open_case):
    case = open_case("asking")

    case.do("ask", "Ines", {"agencies": [case.agency("Riverside Community Health")]})

    assert told(case) == {("information_requested", "Bryony"), ("Your contact was asked.", "Cyril")}


# A linked case


def test_a_linked_case_opens_on_the_same_incident(open_case):
    case = open_case("following")

    case.do("finish", "Ines", {"go_on": "yes"})

    with case.partnership.sessions() as session:
        linked = session.scalars(select(Case).where(Case.opened_from_id == case.row.id)).one()
    assert (linked.review, linked.state, linked.reference) == ("second", "start", "ESX-2026-002")
    assert linked.incident_id == case.row.incident_id
    assert linked.is_open
    assert CaseInPlay(case.partnership, linked.public_id, case.now).do("end", "Ines").state == "over"


def test_without_the_answer_no_linked_case_opens(open_case):
    case = open_case("following")

    case.do("finish", "Ines", {"go_on": "no"})

    with case.partnership.sessions() as session:
        assert session.scalars(select(Case).where(Case.opened_from_id == case.row.id)).all() == []


# The last of several


def test_what_follows_follows_when_the_last_has_acted(open_case):
    case = open_case("both")

    case.do("agree", "Odette")
    assert told(case) == set()

    case.do("agree", "Miriam")
    assert told(case) == {("Both have agreed on {reference}.", "Ines")}


# Agencies


def test_an_agency_is_asked_told_and_answers_for_itself_alone(open_case):
    case = open_case("asking")
    agencies = [case.agency("Saltings Homes"), case.agency("Riverside Community Health")]

    case.do("ask", "Ines", {"agencies": agencies})

    assert told(case) >= {("information_requested", "Petra"), ("information_requested", "Bryony")}
    homes, health = rows_of(case, InformationRequest)
    assert {homes.due_on, health.due_on} == {date(2026, 12, 16)}
    homes = case.request_of("Saltings Homes")
    for stranger in ("Nadia", "Bryony", "Cyril"):
        with pytest.raises(NotYours):
            case.do("answer_not_involved", stranger, {"explanation": "No."}, subject=homes)
    case.do("answer_not_involved", "Petra", {"explanation": "No."}, subject=homes)
    with pytest.raises(Refused, match="has already answered"):
        case.do("answer_not_involved", "Petra", {"explanation": "No."}, subject=homes)
    case.do("end", "Ines")
    assert {name for message, name in told(case) if message == "{reference} is over."} == {"Bryony"}


def test_a_request_of_another_case_is_none_here(open_case):
    first, second = open_case("asking"), open_case("asking")
    for case in (first, second):
        case.do("ask", "Ines", {"agencies": [case.agency("Saltings Homes")]})

    with pytest.raises(Refused, match="does not belong to the case"):
        first.do("answer_not_involved", "Petra", {}, subject=second.request_of("Saltings Homes"))


# The definition's own questions


def facts_of(case: CaseInPlay) -> dict[str, str]:
    return {fact.name: fact.value for fact in rows_of(case, Fact) if fact.superseded_by_id is None}


def test_a_date_answered_is_a_fact_and_a_correction_supersedes_it(open_case):
    case = open_case("filling")
    case.do("ask_everything", "Ines", {"day": "2026-12-10"})
    case.do("ask_everything", "Ines", {"day": "2026-12-11"})
    case.do("ask_everything", "Ines", {"day": ""})

    assert facts_of(case) == {"day": "2026-12-11"}
    assert [fact.value for fact in rows_of(case, Fact)] == ["2026-12-10", "2026-12-11"]


def test_a_person_named_gets_the_role_for_this_case_until_another_is_named(open_case):
    case, other = open_case("filling"), open_case("filling")
    case.do("name_lead", "Ines", {"lead_person": case.person("Salma")})
    case.do("name_lead", "Ines", {"lead_person": case.person("Hugo")})

    other.do("name_lead", "Ines", {"lead_person": case.person("Salma")})
    with pytest.raises(NotYours):
        case.do("end", "Salma")
    assert case.do("end", "Hugo").state == "over"
    assert [member.until_at is None for member in rows_of(case, CaseMember)] == [False, True]


def test_every_kind_of_question_takes_its_answers(open_case):
    case = open_case("filling")
    with transaction(case.partnership.sessions) as session:
        paper = Document(
            case_id=case.row.id, kind="upload", title="A", file_name="a.pdf", media_type="application/pdf",
            added_at=case.now, sha256="0" * 64, content=b"", size=0,
        )  # fmt: skip
        session.add(paper)

    done = case.do(
        "ask_everything",
        "Ines",
        {
            "words": "A",
            "more": "B",
            "sure": "yes",
            "one": "a",
            "some": ["a", "b"],
            "who": case.person("Hugo"),
            "agency": case.agency("Saltings Homes"),
            "paper": paper.public_id,
        },
    )

    assert done.number == 2


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"day": "31 November"}, "“A day” has to be a date"),
        ({"sure": "maybe"}, "“Sure\\?” has no such answer"),
        ({"one": "c"}, "“One of them” has no such answer"),
        ({"some": ["a", "c"]}, "“Some of them” has no such answer"),
        ({"some": "c"}, "“Some of them” has no such answer"),
        ({"who": "nobody"}, "What “Somebody” names is not there any more"),
        ({"agency": "none"}, "What “An agency” names is not there any more"),
        ({"paper": "none"}, "What “A document” names is not there any more"),
    ],
)
def test_an_answer_that_is_none_is_refused(open_case, answers, sentence):
    case = open_case("filling")

    with pytest.raises(Refused, match=sentence):
        case.do("ask_everything", "Ines", answers)


def test_a_document_of_another_case_is_none_here(open_case):
    case, other = open_case("filling"), open_case("filling")
    with transaction(case.partnership.sessions) as session:
        paper = Document(
            case_id=other.row.id, kind="upload", title="A", file_name="a.pdf", media_type="application/pdf",
            added_at=case.now, sha256="0" * 64, content=b"", size=0,
        )  # fmt: skip
        session.add(paper)

    with pytest.raises(Refused, match="not there any more"):
        case.do("ask_everything", "Ines", {"paper": paper.public_id})


# Tasks


def test_a_task_is_owed_until_it_is_done_and_moves_nothing(open_case):
    case = open_case("owed")
    with pytest.raises(Refused, match="“Tell the family” has to be done first"):
        case.do("end", "Ines")

    with pytest.raises(NotYours):
        case.do("tell_the_family", "Ines")
    assert case.do("tell_the_family", "Hugo").state == "start"

    assert case.do("end", "Ines").state == "over"


def test_a_task_that_starts_each_time_is_done_as_often(open_case):
    case = open_case("owed")
    case.do("tell_the_family", "Hugo")
    case.do("hear", "Ines")
    case.do("hear", "Ines")
    case.do("write_up", "Ines")
    with pytest.raises(Refused, match="“Write up what was heard” has to be done first"):
        case.do("end", "Ines")

    case.do("write_up", "Hugo")

    assert case.do("end", "Ines").state == "over"


def test_a_task_that_has_not_started_is_not_owed_and_one_that_starts_anew_is_owed_again(open_case):
    assert open_case("owed").do("end_at_once", "Ines").state == "over"

    case = open_case("owed")
    case.do("hear", "Ines")
    case.do("revisit", "Hugo")
    case.do("hear", "Ines")
    with pytest.raises(Refused, match="“Look at it again” has to be done first"):
        case.do("end_at_once", "Ines")

    case.do("revisit", "Hugo")
    assert case.do("end_at_once", "Ines").state == "over"


# By itself


def by_itself(case: CaseInPlay, at: str) -> list[str]:
    definition = case.partnership.definitions.latest("by-itself")
    with case.partnership.sessions() as session:
        return due_by_itself(session, session.merge(case.row), definition, london(at))


def test_what_waits_for_a_clock_is_done_when_it_is_due_and_not_before(open_case):
    case = open_case("by-itself")

    assert by_itself(case, "2026-12-09 23:59") == []
    with pytest.raises(Refused, match="has not come"):
        case.do("close_when_due", None, at="2026-12-09 23:59")
    assert by_itself(case, "2026-12-10 00:00") == ["close_when_due"]
    assert case.do("close_when_due", None, at="2026-12-10 00:00").state == "over"
    assert by_itself(case, "2026-12-11 00:00") == []


def test_what_waits_for_a_day_is_done_on_it(open_case):
    case = open_case("by-itself")
    case.do("hold", "Ines", {"look_again_on": "2026-12-21"})

    assert by_itself(case, "2026-12-20 23:59") == []
    with pytest.raises(Refused, match="has not come"):
        case.do("take_up_again", None, at="2026-12-20 23:59")
    assert case.do("take_up_again", None, at="2026-12-21 00:00").state == "waiting"


def test_what_waits_for_a_rule_is_done_when_it_holds(open_case):
    case = open_case("by-itself")

    with pytest.raises(Refused, match="No agency has been asked"):
        case.do("go_on_when_asked", None)


def test_nobody_does_what_the_service_does_by_itself(open_case):
    case = open_case("by-itself")

    with pytest.raises(NotYours):
        case.do("go_on_when_asked", "Ines")
    with pytest.raises(NotYours):
        case.do("go_on_when_asked", "Ines", acting_as="service")


# However many


def statements(database, act) -> int:
    """How many statements `act` takes."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(database, "before_cursor_execute", note)
    act()
    event.remove(database, "before_cursor_execute", note)
    return len(seen)


def test_telling_thirty_takes_as_many_statements_as_telling_two(open_case, database):
    case, other = open_case("following"), open_case("following")
    few = statements(database, lambda: case.do("finish", "Ines", {"go_on": "no"}))
    with transaction(case.partnership.sessions) as session:
        for number in range(30):
            area = case.partnership.areas["Essex"]
            make_person(session, f"Otto Crane {number}", "member", area=area)

    many = statements(database, lambda: other.do("finish", "Ines", {"go_on": "no"}))

    assert len(rows_of(other, Alert)) == 32
    assert many == few


def test_a_choice_of_the_form_that_is_none_is_refused(partnership):
    case = make_case(partnership)
    add_immediate_action(case)

    with pytest.raises(Refused, match="“sudden” is not an answer to “kind”"):
        notify(case, "sudden")


def test_the_opening_has_no_words_of_its_own_in_the_definition(open_case):
    opened = events_of(open_case("branches"))[0]
    act = Act(None, load(DEFINITIONS / "branches/v1.yaml"), None, opened, None, {}, opened.at, None, {})

    with pytest.raises(LookupError):
        _ = act.step
