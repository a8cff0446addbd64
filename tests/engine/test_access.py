"""Who may know of a case, how they stand to it, and the note of everybody who opened it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from reviewflow import access
from reviewflow.access import Relation
from reviewflow.casefile.tables import Case, CaseMember, Conflict, Reading
from reviewflow.db import transaction
from reviewflow.people import Person, RoleHolding
from tests.making import CaseInPlay, ask_agencies, london, make_case, make_person

NOW = london("2026-12-14 12:00")


@pytest.fixture
def case(partnership) -> CaseInPlay:
    """A case at which Children's social care and Saltings Homes have been asked."""
    case = make_case(partnership, at="gathering")
    ask_agencies(case)
    return case


def stands(case, person, now=NOW):
    with case.partnership.sessions() as session:
        return access.relation(session, case.row, person, now)


def knows_of(case, person, condition=access.visible_to, now=NOW):
    with case.partnership.sessions() as session:
        return session.scalar(select(func.count(Case.id)).where(condition(person, now))) == 1


def change(case, kind, person, **values):
    with transaction(case.partnership.sessions) as session:
        row = session.scalars(select(kind).where(kind.person_id == person.id)).one()
        for name, value in values.items():
            setattr(row, name, value)


def conflict_of(case, person):
    with transaction(case.partnership.sessions) as session:
        session.add(Conflict(case_id=case.row.id, person_id=person.id, reason="Knew the family", event_id=1))


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("Ines", Relation.AREA_MEMBER),
        ("Hugo", Relation.AREA_MEMBER),
        ("Odette", Relation.AREA_MEMBER),
        ("Gwen", Relation.AREA_MEMBER),
        ("Beatrix", Relation.AREA_MEMBER),
        ("Conrad", Relation.SCRUTINEER),
        ("Nadia", Relation.ASKED_AGENCY),
        ("Edmund", Relation.ASKED_AGENCY),
        ("Petra", Relation.ASKED_AGENCY),
        ("Jory", Relation.REFERRER),
        ("Viola", Relation.NONE),
        ("Owen", Relation.NONE),
        ("Bryony", Relation.NONE),
    ],
)
def test_everybody_stands_to_a_case_in_one_way(case, name, relation):
    person = case.partnership[name]

    assert stands(case, person) is relation
    assert knows_of(case, person) is (relation is not Relation.NONE)
    assert knows_of(case, person, access.whole_file_of) is relation.has_whole_file


def test_a_role_that_has_ended_opens_nothing(case):
    ines = case.partnership["Ines"]
    change(case, RoleHolding, ines, until_on=NOW.date())
    assert stands(case, ines) is Relation.AREA_MEMBER

    change(case, RoleHolding, ines, until_on=NOW.date() - timedelta(days=1))

    assert stands(case, ines) is Relation.NONE
    assert not knows_of(case, ines)


def test_a_planned_role_opens_nothing_before_its_day_in_london(case):
    ines = case.partnership["Ines"]
    change(case, RoleHolding, ines, from_on=NOW.date() + timedelta(days=1))

    assert stands(case, ines, london("2026-12-14 23:59")) is Relation.NONE
    assert stands(case, ines, london("2026-12-15 00:00")) is Relation.AREA_MEMBER


def test_an_agency_that_was_asked_is_heard_through_those_who_answer_for_it_today(case):
    nadia = case.partnership["Nadia"]
    assert knows_of(case, nadia, access.asked_of)

    change(case, RoleHolding, nadia, until_on=NOW.date() - timedelta(days=1))

    assert stands(case, nadia) is Relation.NONE
    assert not knows_of(case, nadia, access.asked_of)


def test_a_member_of_the_case_alone_has_the_whole_file_while_it_lasts(case):
    bryony = case.partnership["Bryony"]
    with transaction(case.partnership.sessions) as session:
        session.add(CaseMember(case_id=case.row.id, person_id=bryony.id, role="reviewer", from_at=NOW))

    assert stands(case, bryony, NOW - timedelta(seconds=1)) is Relation.NONE
    assert stands(case, bryony) is Relation.CASE_MEMBER

    change(case, CaseMember, bryony, until_at=NOW + timedelta(hours=1))

    assert stands(case, bryony, NOW + timedelta(minutes=59)) is Relation.CASE_MEMBER
    assert stands(case, bryony, NOW + timedelta(hours=1)) is Relation.NONE


def test_a_declared_conflict_takes_the_whole_file_away_but_not_an_agencys_own_part(case):
    hugo, nadia = case.partnership["Hugo"], case.partnership["Nadia"]
    conflict_of(case, hugo)
    conflict_of(case, nadia)

    assert stands(case, hugo) is Relation.CONFLICTED
    assert not Relation.CONFLICTED.has_whole_file
    assert stands(case, nadia) is Relation.ASKED_AGENCY


def test_a_leaver_knows_of_nothing(case):
    with transaction(case.partnership.sessions) as session:
        ines = session.get_one(Person, case.partnership["Ines"].id)
        ines.left_at = NOW

    assert stands(case, ines) is Relation.NONE
    for condition in (access.visible_to, access.whole_file_of, access.asked_of):
        assert not knows_of(case, ines, condition)


def test_a_scrutineer_who_is_also_a_member_may_act_as_one(case):
    with transaction(case.partnership.sessions) as session:
        both = make_person(session, "Both Ways", "member", "scrutineer", area=case.partnership.areas["Essex"])

    assert stands(case, both) is Relation.AREA_MEMBER


def test_a_case_of_another_area_does_not_exist(case):
    with transaction(case.partnership.sessions) as session:
        other = make_person(session, "Else Where", "coordinator", area=case.partnership.areas["Thurrock"])

    with case.partnership.sessions() as session:
        assert access.case_for(session, case.id, other, NOW) is None
        assert access.case_for(session, "AAAAAAAAAAAAAAAA", other, NOW) is None
        assert access.case_for(session, case.id, case.partnership["Ines"], NOW)[1] is Relation.AREA_MEMBER


def test_a_reading_is_noted_once_a_minute_for_each_part(case):
    ines, hugo = case.partnership["Ines"], case.partnership["Hugo"]
    noted = [
        (ines, "case", "12:00:00"),
        (ines, "case", "12:00:59"),
        (ines, "chronology", "12:00:59"),
        (hugo, "case", "12:00:59"),
        (ines, "case", "12:01:00"),
    ]

    for person, what, at in noted:
        with transaction(case.partnership.sessions) as session:
            access.read_case(session, person, case.row, london(f"2026-12-14 {at}"), what)

    with case.partnership.sessions() as session:
        found = session.execute(
            select(Reading.person_id, Reading.what, Reading.at).order_by(Reading.id)
        ).all()
    assert [(who, what, f"{at:%H:%M:%S}") for who, what, at in found] == [
        (ines.id, "case", "12:00:00"),
        (ines.id, "chronology", "12:00:59"),
        (hugo.id, "case", "12:00:59"),
        (ines.id, "case", "12:01:00"),
    ]
