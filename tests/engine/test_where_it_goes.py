"""Which way a case goes, who may make it go, and that a refusal changes nothing."""

from datetime import date

import pytest
from sqlalchemy import inspect, select, text

from reviewflow import engine
from reviewflow.casefile.record import MovedOn, NotYours, Refused
from reviewflow.casefile.tables import Case
from reviewflow.db import transaction
from reviewflow.engine import Command, Opening
from reviewflow.people import AreaDefinition
from tests.making import london, make_person


def everything(database) -> dict[str, list]:
    """Every row of every table."""
    with database.connect() as connection:
        return {
            table: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"'))))
            for table in inspect(database).get_table_names()
        }


@pytest.mark.parametrize(
    ("way", "state", "end"), [("left", "left", "end_of_left"), ("right", "right", "end_of_right")]
)
def test_an_answer_decides_now_and_later(open_case, way, state, end):
    case = open_case("branches")

    assert case.do("choose", "Ines", {"way": way}).state == state
    assert case.do("finish", "Hugo").state == end
    assert not case.row.is_open


def test_a_rule_decides_and_the_last_way_is_for_all_other_cases(open_case):
    assert open_case("branches").do("look", "Ines").state == "nothing_asked"


def test_an_act_that_stays_moves_nothing(open_case):
    case = open_case("branches")

    done = case.do("note", "Hugo", {"what": "A word"})

    assert (done.state, done.number, case.row.version) == ("start", 2, 1)


def test_coming_back_to_the_same_state_counts_as_a_move(open_case):
    case = open_case("branches")
    case.do("choose", "Ines", {"way": "left"})
    seen = case.row.version

    case.do("again", "Ines", {"now": "no"}, version_seen=seen)

    assert case.row.version == seen + 1
    with pytest.raises(MovedOn, match="has moved since you opened this page"):
        case.do("again", "Ines", {"now": "no"}, version_seen=seen)


def test_every_reason_is_given_at_once_and_nothing_is_changed(open_case, database):
    case = open_case("branches")
    before = everything(database)

    with pytest.raises(Refused) as refused:
        case.do("refused", "Ines")

    assert refused.value.reasons == (
        "No agency has been asked yet. Ask the agencies first.",
        "No meeting has been planned yet. Plan the meeting first.",
    )
    assert everything(database) == before


REFUSALS = [
    ("choose", "Hugo", {"answers": {"way": "left"}}, NotYours, "None of the roles you hold today"),
    ("choose", "Viola", {"answers": {"way": "left"}}, NotYours, "None of the roles you hold today"),
    ("choose", None, {"answers": {"way": "left"}}, NotYours, "The service does not do this by itself"),
    ("choose", "Ines", {"answers": {"way": "left"}, "acting_as": "member"}, NotYours, "None of the roles"),
    ("choose", "Ines", {"answers": {}}, Refused, "“Which way?” has to be answered"),
    ("choose", "Ines", {"answers": {"way": "up"}}, Refused, "“Which way?” has no such answer"),
    ("choose", "Ines", {"answers": {"way": "left"}, "version_seen": 7}, MovedOn, "now at “Start”"),
    ("finish", "Ines", {}, MovedOn, "it is now at “Start”, so this cannot be done any more"),
    ("fly", "Ines", {}, Refused, "This review has no such step"),
]


@pytest.mark.parametrize(("trigger", "by", "how", "error", "sentence"), REFUSALS)
def test_a_refusal_says_why_and_changes_nothing(open_case, database, trigger, by, how, error, sentence):
    case = open_case("branches")
    before = everything(database)

    with pytest.raises(error, match=sentence.replace("?", "[?]")):
        case.do(trigger, by, **how)

    assert everything(database) == before


def test_there_is_no_such_case(partnership, small_definitions):
    command = Command("unknown", "choose", partnership["Ines"].id)

    with pytest.raises(Refused, match="There is no such case"), transaction(partnership.sessions) as session:
        engine.perform(session, small_definitions, command, london("2026-12-07 12:00"))


def test_somebody_who_has_left_does_nothing_any_more(open_case):
    case = open_case("branches")
    with transaction(case.partnership.sessions) as session:
        session.merge(case.partnership["Hugo"]).left_at = london("2026-12-07 12:01")

    with pytest.raises(NotYours, match="You can no longer do this"):
        case.do("note", "Hugo")


@pytest.mark.parametrize(("at", "may"), [("2027-01-31 23:00", True), ("2027-02-01 00:30", False)])
def test_a_role_counts_up_to_its_last_day_in_london(open_case, at, may):
    case = open_case("branches")
    people = case.partnership.people
    with transaction(case.partnership.sessions) as session:
        people["Otto"] = make_person(
            session, "Otto Crane", "member", area=case.partnership.areas["Essex"],
            until_on=london("2027-01-31 12:00").date(),
        )  # fmt: skip

    if may:
        assert case.do("note", "Otto", at=at).number == 2
    else:
        with pytest.raises(NotYours):
            case.do("note", "Otto", at=at)


def test_a_role_in_another_area_is_none_here(open_case):
    case = open_case("branches")
    with transaction(case.partnership.sessions) as session:
        case.partnership.people["Otto"] = make_person(
            session, "Otto Crane", "coordinator", area=case.partnership.areas["Thurrock"]
        )

    with pytest.raises(NotYours):
        case.do("note", "Otto")


# Opening


def open_it(partnership, definitions, review="branches", by="Ines", area="Essex"):
    opening = Opening(review, partnership.areas[area].id, partnership[by].id)
    with transaction(partnership.sessions) as session:
        return engine.open_case(session, definitions, opening, london("2026-12-07 12:00"))


def test_a_case_gets_the_next_reference_of_its_area_and_year(partnership, small_definitions, open_case):
    first, second = open_case("branches"), open_case("second")
    next_year = open_case("branches", at="2027-01-01 00:30")

    assert [one.row.reference for one in (first, second, next_year)] == [
        "ESX-2026-001",
        "ESX-2026-002",
        "ESX-2027-001",
    ]


def test_the_thousandth_case_of_a_year_is_followed_by_the_next(open_case):
    case = open_case("branches")
    with transaction(case.partnership.sessions) as session:
        session.merge(case.row).reference = "ESX-2026-999"
    open_case("branches")

    assert open_case("branches").row.reference == "ESX-2026-1001"


def test_there_is_no_such_review(partnership, small_definitions, database):
    before = everything(database)

    with pytest.raises(Refused, match="There is no such review"):
        open_it(partnership, small_definitions, review="unknown")

    assert everything(database) == before


@pytest.mark.parametrize(("by", "area"), [("Viola", "Essex"), ("Ines", "Thurrock"), ("Jory", "Essex")])
def test_only_who_holds_a_role_of_the_review_there_opens_it(partnership, small_definitions, by, area):
    with pytest.raises(NotYours, match="may open this review"):
        open_it(partnership, small_definitions, by=by, area=area)


def test_an_answer_the_opening_form_does_not_offer_is_refused(partnership, database):
    before = everything(database)
    opening = Opening("rapid-review", partnership.areas["Essex"].id, partnership["Jory"].id, {"harm": "luck"})

    opened = transaction(partnership.sessions)
    with pytest.raises(Refused, match="“luck” is not an answer to “harm”"), opened as session:
        engine.open_case(session, partnership.definitions, opening, london("2026-12-07 12:00"))

    assert everything(database) == before


def test_an_agency_of_another_area_may_refer(partnership, small_definitions):
    assert open_it(partnership, small_definitions, "asking", by="Bryony").state == "start"


def test_the_definition_of_an_area_is_dated(partnership, small_definitions):
    with transaction(partnership.sessions) as session:
        essex = partnership.areas["Essex"].id
        for definition, day in (("second", date(2026, 12, 7)), ("both", date(2026, 12, 8))):
            session.add(AreaDefinition(area_id=essex, review="branches", definition=definition, from_on=day))

    done = open_it(partnership, small_definitions)

    with partnership.sessions() as session:
        case = session.scalars(select(Case).where(Case.public_id == done.case_id)).one()
        assert case.review == "second"


# The last of several


def test_the_case_moves_when_the_last_has_acted(open_case):
    case = open_case("both")

    assert case.do("agree", "Odette").state == "open_to_both"
    assert case.row.version == 1
    assert case.do("agree", "Miriam").state == "agreed"
    assert case.row.version == 2


def test_nobody_acts_twice_for_the_same_role(open_case):
    case = open_case("both")
    case.do("agree", "Odette")

    with pytest.raises(Refused, match="already been done in your role"):
        case.do("agree", "Odette")


def test_after_coming_back_both_act_again(open_case):
    case = open_case("both")
    case.do("agree", "Odette")
    case.do("agree", "Miriam")
    case.do("send_back", "Ines")

    assert case.do("agree", "Miriam").state == "open_to_both"
    assert case.do("agree", "Odette").state == "agreed"
