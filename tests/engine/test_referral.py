"""Steps 1 and 2 of the story: an incident is referred, views are given, the council decides."""

import json

import pytest
from sqlalchemy import select

from reviewflow import engine
from reviewflow.actions import Action
from reviewflow.alerts import Alert
from reviewflow.casefile.duplicates import duplicates_of, possible_duplicates
from reviewflow.casefile.identities import age_in_words, is_nhs_number, normal_name, who_they_are
from reviewflow.casefile.notifying import views_on_notifying
from reviewflow.casefile.record import Refused
from reviewflow.casefile.referrals import children_of
from reviewflow.casefile.tables import Answers, Case, CaseEvent, Conflict, Fact, Identity, Participation
from reviewflow.clocks import Clock
from reviewflow.db import transaction
from reviewflow.ratification import NO_PART
from reviewflow.situation import facts_of
from tests.making import REFERRAL, CaseInPlay, add_immediate_action, london, notify, refer

NAMES = ("Poppy", "Larkspur", "Nowhere Close", "999 001 0005", "9990010005", "2022-03-01", "Her partner")
POPPY = REFERRAL["identity"][0]
HER = REFERRAL["children"][0]


def open_one(partnership, by="Jory", area="Essex", at="2026-12-07 14:20", **changed) -> CaseInPlay:
    """A referral like the one of the story, with some answers changed."""
    opening = engine.Opening(
        "rapid-review", partnership.areas[area].id, partnership[by].id, REFERRAL | changed
    )
    with transaction(partnership.sessions) as session:
        done = engine.open_case(session, partnership.definitions, opening, london(at))
    return CaseInPlay(partnership, done.case_id, london(at))


def rows(case, table, *where):
    with case.partnership.sessions() as session:
        return session.scalars(select(table).where(*where)).all()


def facts(case):
    case_id = case.row.id
    with case.partnership.sessions() as session:
        return facts_of(session, case_id)


def children(case):
    incident_id = case.row.incident_id
    with case.partnership.sessions() as session:
        return [child for _, child in children_of(session, incident_id)]


def said_of(case):
    incident_id = case.row.incident_id
    with case.partnership.sessions() as session:
        return [(one.child_number, one.kind, one.value) for one in who_they_are(session, incident_id)]


def with_identity(**changed):
    return {"identity": [POPPY | changed]}


def found(case):
    case_id = case.row.id
    with case.partnership.sessions() as session:
        return [one.reference for one in possible_duplicates(session, session.get(Case, case_id))]


# The referral


def test_who_the_child_is_lies_nowhere_but_on_the_identity_list(partnership):
    case = refer(partnership)

    said = {one.value for one in rows(case, Identity)}
    answers = [json.dumps(one.content) for one in rows(case, Answers)]
    elsewhere = json.dumps(
        [one.variables for one in rows(case, Alert)] + [one.value for one in rows(case, Fact)]
    )

    assert said >= {"Poppy Larkspur", "2022-03-01", "9990010005", "1 Nowhere Close, Estuary Town", "Mother"}
    assert [name for name in NAMES if any(name in one for one in [*answers, elsewhere])] == []
    assert case.row.reference == "ESX-2026-001"


def test_three_ways_of_not_knowing_stay_three_answers(partnership):
    child = HER | {"sex": {"not_known": "refused"}}

    case = open_one(partnership, children=[child])

    (kept,) = children(case)
    assert kept.characteristics["sex"] == {"not_known": "refused"}
    assert kept.characteristics["ethnicity"] == {"not_known": "not_recorded"}
    assert kept.characteristics["disability"] == {"not_known": "not_yet_obtained"}


def test_the_age_at_the_time_is_kept_without_the_birthday(partnership):
    case = refer(partnership)

    (child,) = children(case)
    assert child.characteristics["age"] == {"known": "4 years"}


def test_notifying_is_due_five_working_days_after_the_council_became_aware(partnership):
    case = refer(partnership)

    (clock,) = rows(case, Clock)
    assert (clock.name, clock.due_on.isoformat()) == ("notify_the_panel", "2026-12-14")
    assert facts(case)["referral_received_on"] == "2026-12-07"


def test_an_incident_may_be_a_period_or_have_no_date(partnership):
    period = open_one(partnership, date_known="period", from_on="2026-11-01", until_on="2026-12-06")
    unknown = open_one(partnership, date_known="not_known", from_on=None, until_on=None)

    assert facts(period)["incident_on"] == "2026-11-01"
    assert "incident_on" not in facts(unknown)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"from_on": "2026-12-08"}, "The incident must be today or in the past."),
        ({"council_became_aware_on": "2026-12-08"}, "must be today or in the past"),
        ({"council_became_aware_on": "2026-12-05"}, "cannot have become aware before the incident"),
        ({"council_became_aware_on": None}, "Enter the day on which the council became aware."),
        ({"date_known": "period"}, "Enter the last day of the period."),
        ({"date_known": "period", "until_on": "2026-12-01"}, "lies before its first day"),
        ({"date_known": "period", "until_on": "2026-12-31"}, "must be today or in the past"),
        ({"date_known": "not_known"}, "a date is given"),
        ({"date_known": "date", "until_on": "2026-12-06"}, "Clear it."),
        ({"date_known": "perhaps"}, "Choose whether the date"),
        ({"from_on": None}, "Enter the date of the incident."),
        ({"children": []}, "1 to 4 children"),
        ({"children": [HER] * 5}, "1 to 4 children"),
    ],
)
def test_a_referral_that_cannot_be_is_refused_whole(partnership, changed, sentence):
    with pytest.raises(Refused, match=sentence):
        open_one(partnership, **changed)

    with partnership.sessions() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Identity)).all() == []


# Immediate safety


def test_nothing_is_notified_before_safety_is_considered(partnership):
    case = open_one(partnership, safety="not_yet")

    with pytest.raises(Refused, match="immediate safety"):
        notify(case)
    add_immediate_action(case)
    notify(case)

    assert case.state == "gathering"


def test_the_actions_of_a_referral_have_an_owner_and_a_day(partnership):
    odette = partnership["Odette"]
    given = {"what": "See the brother", "owner_person": odette.public_id, "owner": "", "due_on": "2026-12-08"}

    case = open_one(partnership, safety="actions", actions=[given])

    (action,) = rows(case, Action)
    assert (action.owner, action.owner_id, action.owner_agency_id) == (
        "Odette Heron",
        odette.id,
        odette.agency_id,
    )
    assert facts(case)["immediate_safety_considered"] == "yes"


def test_an_action_is_done_once(partnership):
    case = refer(partnership)
    add_immediate_action(case)
    action = case.latest(Action)

    case.do("finish_action", "Odette", {"note": "The brother was seen and is safe."}, subject=action)
    with pytest.raises(Refused, match="already recorded as done"):
        case.do("finish_action", "Odette", {"note": "Again"}, subject=action)

    (row,) = rows(case, Action)
    assert (row.done_note, row.version) == ("The brother was seen and is safe.", 2)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({"due_on": "2026-12-06"}, "today or in the future"), ({"owner": " "}, "Say who does it")],
)
def test_an_action_nobody_can_do_is_refused(partnership, changed, sentence):
    case = refer(partnership)
    given = {"what": "See the brother", "owner": "Duty social worker", "due_on": "2026-12-08"}

    with pytest.raises(Refused, match=sentence):
        case.do("add_immediate_action", "Odette", given | changed)


# Views and the decision


def give_views(case):
    case.do("record_view_on_notifying", "Miriam", {"view": "notify", "reason": "The injury."})
    case.do("record_view_on_notifying", "Rufus", {"view": "notify", "reason": "Too quick."})
    case.do("record_view_on_notifying", "Rufus", {"view": "wait", "reason": "The cause is not known."})


def test_each_partners_latest_view_is_shown_with_the_others(partnership):
    case = refer(partnership)
    give_views(case)

    case_id = case.row.id
    with partnership.sessions() as session:
        views = views_on_notifying(session, partnership.definitions.latest("rapid-review"), case_id)

    assert [(one.acting_as, one.person, one.view, one.reason) for one in views] == [
        ("health_partner", "Miriam Curlew", "notify", "The injury."),
        ("police_partner", "Rufus Kestrel", "wait", "The cause is not known."),
    ]


def test_the_council_decides_also_against_a_view_but_says_why(partnership):
    case = refer(partnership)
    give_views(case)

    with pytest.raises(Refused, match="against the view of a partner"):
        notify(case)
    notification = {"kind": "serious_incident", "sent_at": "2026-12-10T11:05:00+00:00"}
    case.do(
        "notify",
        "Odette",
        notification | {"against_reason": "The harm is enough."},
        at="2026-12-10 11:30",
    )

    assert case.state == "gathering"
    assert facts(case)["notification_sent_on"] == "2026-12-10"


def test_not_notified_ends_with_a_reason(partnership):
    case = refer(partnership)
    give_views(case)

    with pytest.raises(Refused, match="against the view of a partner"):
        case.do("decide_not_to_notify", "Odette", {"reason": "An accident."})
    with pytest.raises(Refused, match="Say why the incident is not notified"):
        case.do("decide_not_to_notify", "Odette", {"against_reason": "Seen again."})
    case.do("decide_not_to_notify", "Odette", {"reason": "An accident.", "against_reason": "Seen again."})

    assert case.state == "not_notified"
    assert case.row.is_open is False


@pytest.mark.parametrize("kind", ["looked_after_death", "care_leaver_death"])
def test_a_death_may_be_notified_without_a_rapid_review(partnership, kind):
    case = refer(partnership)

    notify(case, kind)

    assert case.state == "notified_only"
    assert [one.name for one in rows(case, Clock)] == ["notify_the_panel"]
    assert all(one.stopped_at for one in rows(case, Clock))


def test_the_notification_starts_the_fifteen_days(partnership):
    case = refer(partnership)

    notify(case)

    due = {one.name: one.due_on.isoformat() for one in rows(case, Clock)}
    assert due == {"notify_the_panel": "2026-12-14", "rapid_review": "2027-01-05"}


@pytest.mark.parametrize(
    ("sent_at", "sentence"),
    [
        ("2026-12-10T11:31:00+00:00", "must have been sent by now"),
        ("2026-12-06T23:59:00+00:00", "before the day the council became aware"),
        (None, "Enter when the notification was sent"),
    ],
)
def test_a_notification_is_sent_between_awareness_and_now(partnership, sent_at, sentence):
    case = refer(partnership)

    with pytest.raises(Refused, match=sentence):
        case.do("notify", "Odette", {"kind": "serious_incident", "sent_at": sent_at}, at="2026-12-10 11:30")
    assert case.state == "referred"


# Corrections


def correction(**changed):
    kept = {
        name: value for name, value in REFERRAL.items() if name not in ("identity", "household", "children")
    }
    return kept | {"children": [], "further_children": [], "identity": [], "more_identity": []} | changed


def test_a_correction_adds_a_child_and_another_name(partnership):
    case = refer(partnership)

    case.do(
        "correct_referral",
        "Ines",
        correction(
            further_children=[HER | {"sex": {"known": "male"}}],
            identity=[{"name": {"known": "Robin Larkspur"}, "born_on": {"known": "2025-09-01"}}],
            more_identity=[{"child": "1", "kind": "also_known_as", "value": "Pip"}],
        ),
    )

    said = said_of(case)
    ages = [child.characteristics["age"] for child in children(case)]
    assert ages == [{"known": "4 years"}, {"known": "15 months"}]
    assert (1, "also_known_as", "Pip") in said
    assert (2, "name", "Robin Larkspur") in said
    assert "Robin" not in json.dumps([one.content for one in rows(case, Answers)])


def test_a_corrected_name_replaces_the_old_one_which_stays_on_the_list(partnership):
    case = refer(partnership)

    case.do(
        "correct_referral",
        "Ines",
        correction(
            more_identity=[
                {"child": "1", "kind": "name", "value": "Poppy Campion"},
                {"child": "1", "kind": "born_on", "value": "2023-03-01"},
                {"child": "1", "kind": "nhs_number", "value": "999 001 0013"},
                {"child": "", "kind": "household", "value": "An aunt"},
            ]
        ),
    )

    names = [value for _, kind, value in said_of(case) if kind == "name"]
    (child,) = children(case)
    assert names == ["Poppy Campion"]
    assert "Poppy Larkspur" in {one.value for one in rows(case, Identity)}
    assert child.characteristics["age"] == {"known": "3 years"}


def test_a_characteristic_obtained_later_takes_its_place(partnership):
    case = refer(partnership)
    obtained = {"number": 1, "disability": {"known": "sensory"}}

    case.do("correct_referral", "Ines", correction(children=[obtained]))
    with pytest.raises(Refused, match="There is no child 2"):
        case.do("correct_referral", "Ines", correction(children=[obtained | {"number": 2}]))

    (child,) = children(case)
    assert child.characteristics["disability"] == {"known": "sensory"}
    assert child.characteristics["ethnicity"] == {"not_known": "not_recorded"}


def test_a_corrected_day_of_awareness_moves_the_limit(partnership):
    case = refer(partnership)

    case.do(
        "correct_referral", "Ines", correction(from_on="2026-12-04", council_became_aware_on="2026-12-04")
    )

    running = [one.due_on.isoformat() for one in rows(case, Clock) if one.stopped_at is None]
    earlier = [one.value for one in rows(case, Fact, Fact.superseded_by_id.is_not(None))]
    assert running == ["2026-12-11"]
    assert "2026-12-07" in earlier


def test_a_correction_may_give_the_reason_why_no_action_is_needed(partnership):
    case = open_one(partnership, safety="not_yet")

    case.do("correct_referral", "Ines", correction(safety_reason="She is in hospital."))

    assert facts(case)["immediate_safety_considered"] == "yes"


def test_a_referral_is_never_about_more_than_four_children(partnership):
    case = refer(partnership)

    with pytest.raises(Refused, match="1 to 4 children"):
        case.do("correct_referral", "Ines", correction(further_children=[HER] * 4))


# Duplicates and joining


@pytest.mark.parametrize(
    "identity",
    [
        with_identity(),
        with_identity(name={"known": "larkspur, POPPY"}, nhs_number=""),
        with_identity(name={"known": "Someone Else"}, born_on={"not_known": "refused"}),
        with_identity(name={"known": "Póppy Larkspur"}, born_on={"not_known": "refused"}, nhs_number=""),
        with_identity(name={"known": "Popy Larkspurr"}, nhs_number=""),
    ],
    ids=["everything", "the name another way round", "the number", "a name without a birthday", "a birthday"],
)
def test_a_likely_duplicate_is_found(partnership, identity):
    refer(partnership)
    again = REFERRAL | identity

    with partnership.sessions() as session:
        before = [one.reference for one in duplicates_of(session, again)]
    case = open_one(partnership, by="Ines", at="2026-12-08 09:00", **identity)

    assert before == ["ESX-2026-001"]
    assert found(case) == ["ESX-2026-001"]


@pytest.mark.parametrize(
    "changed",
    [
        with_identity(name={"known": "Clover Vetch"}, born_on={"known": "2020-01-01"}, nhs_number=""),
        with_identity(born_on={"known": "2020-01-01"}, nhs_number=""),
        {"from_on": "2026-01-06"},
        with_identity(name={"known": "Clover Vetch"}, nhs_number="") | {"from_on": "2026-11-20"},
        with_identity(name={"not_known": "refused"}, born_on={"not_known": "refused"}, nhs_number=""),
    ],
    ids=["another child", "a namesake", "a year before", "only a birthday, weeks apart", "nobody known"],
)
def test_another_incident_is_not_taken_for_a_duplicate(partnership, changed):
    refer(partnership)

    case = open_one(partnership, by="Ines", at="2026-12-08 09:00", **changed)

    assert found(case) == []


def test_a_duplicate_is_found_in_another_area(partnership):
    refer(partnership)

    case = open_one(partnership, by="Bryony", area="Thurrock", at="2026-12-08 09:00")

    assert found(case) == ["ESX-2026-001"]


def test_two_referrals_of_one_incident_are_joined_and_nothing_is_copied(partnership):
    first = refer(partnership)
    second = open_one(partnership, by="Ines", at="2026-12-08 09:00", **with_identity(also_known_as="Pip"))
    add_immediate_action(second)

    second.do("join_to_another_referral", "Ines", {"reference": " esx-2026-001 "})

    numbers = [child.number for child in children(first)]
    said = [value for _, _, value in said_of(first)]
    assert (second.state, second.row.is_open) == ("joined", False)
    assert numbers == [1, 1]
    assert "Pip" in said
    assert [one.case_id for one in rows(first, Action)] == [first.row.id]
    assert found(first) == []


def test_a_duplicate_of_a_joined_referral_is_found_by_the_case_it_is_read_with(partnership):
    refer(partnership)
    other = with_identity(name={"known": "Clover Vetch"}, born_on={"known": "2020-01-01"}, nhs_number="")
    second = open_one(partnership, by="Ines", **other)
    second.do("join_to_another_referral", "Ines", {"reference": "ESX-2026-001"})

    third = open_one(partnership, by="Ines", at="2026-12-08 09:00", **other)

    assert found(third) == ["ESX-2026-001"]


def test_what_is_joined_twice_is_read_with_the_last(partnership):
    first, second, third = refer(partnership), refer(partnership), refer(partnership)

    third.do("join_to_another_referral", "Ines", {"reference": "ESX-2026-002"})
    second.do("join_to_another_referral", "Ines", {"reference": "ESX-2026-001"})

    assert len(children(first)) == 3


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("ESX-2026-009", "There is no case ESX-2026-009"),
        ("", "There is no case"),
        ("ESX-2026-002", "cannot be joined to itself"),
        ("ESX-2026-001", "not an open case"),
    ],
)
def test_a_referral_is_only_joined_to_an_open_one(partnership, reference, sentence):
    closed, case = refer(partnership), refer(partnership)
    closed.do("withdraw", "Ines", {"reason": "Sent twice."})

    with pytest.raises(Refused, match=sentence):
        case.do("join_to_another_referral", "Ines", {"reference": reference})
    assert case.state == "referred"


# Conflicts, letters, who took part


def test_a_conflict_is_declared_once(partnership):
    case = refer(partnership)

    case.do("declare_conflict", "Rufus", {"reason": "My sister works in the family's school."})
    with pytest.raises(Refused, match="already declared"):
        case.do("declare_conflict", "Rufus", {"reason": "Again."})

    assert [one.person_id for one in rows(case, Conflict)] == [partnership["Rufus"].id]


def test_a_letter_that_the_review_will_be_late_is_a_fact(partnership):
    case = refer(partnership)
    notify(case)

    with pytest.raises(Refused, match="today or in the past"):
        case.do("tell_panel_it_will_be_late", "Ines", {"sent_on": "2026-12-31"})
    case.do("tell_panel_it_will_be_late", "Ines", {"sent_on": "2026-12-10", "reason": "An archived file."})

    assert facts(case)["late_letter_sent_on"] == "2026-12-10"


def test_nobody_who_only_referred_viewed_or_decided_on_notifying_took_part_in_the_decision(partnership):
    case = refer(partnership)
    add_immediate_action(case)
    case.do("finish_action", "Odette", {"note": "Seen."}, subject=case.latest(Action))
    case.do("record_view_on_notifying", "Rufus", {"view": "notify", "reason": "The harm."})
    case.do("declare_conflict", "Rufus", {"reason": "A relative."})
    notify(case)

    capacities = {one.capacity for one in rows(case, Participation)}
    assert capacities <= NO_PART
    assert len(rows(case, CaseEvent)) == 6


# Small rules


@pytest.mark.parametrize("number", ["999 001 0005", "999-001-0013", "9434765919"])
def test_an_nhs_number_has_a_check_digit(number):
    assert is_nhs_number(number)
    assert not is_nhs_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("number", ["", "123", "99900100O5", "99900100055"])
def test_what_is_no_nhs_number(number):
    assert not is_nhs_number(number)


def test_names_are_compared_without_capitals_accents_and_order():
    assert normal_name("O’Reilly-Šmíd, Ána") == normal_name("ana  oreilly smid")


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("2026-12-06", "0 days"),
        ("2026-12-05", "1 day"),
        ("2026-11-07", "29 days"),
        ("2026-11-06", "1 month"),
        ("2024-12-07", "23 months"),
        ("2024-12-06", "2 years"),
        ("2008-12-07", "17 years"),
        ("2027-01-01", "not yet born"),
    ],
)
def test_an_age_is_said_as_people_say_it(born, words):
    day = london("2026-12-06 09:00").date()

    assert age_in_words(day.fromisoformat(born), day) == words
