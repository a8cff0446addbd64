"""The pages of steps 1 and 2: a referral is sent, who it is is shown on purpose, the council decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from reviewflow.actions import Action
from reviewflow.app import create_app
from reviewflow.casefile.tables import Answers, Case, Identity, Reading
from reviewflow.db import transaction
from reviewflow.documents import Draft
from reviewflow.people import Person
from reviewflow.people.passwords import Passwords
from reviewflow.settings import Settings
from tests.making import Partnership, add_immediate_action, ask_agencies, london, notify, refer
from tests.pages.reading import read_our_page, summary, words

PASSWORD = "a long walk by the estuary"
OPEN = "/cases/new/ESX/rapid-review"


def child(number=0, **changed):
    """What is typed about one child."""
    typed = {
        "name": "known",
        "name-value": "Clover Vetch",
        "also_known_as": "Clo",
        "born_on": "known",
        "born_on-value-day": "1",
        "born_on-value-month": "March",
        "born_on-value-year": "2022",
        "addresses": "2 Nowhere Close",
        "nhs_number": "",
        "sex": "female",
        "ethnicity": "not:not_recorded",
        "disability": "not:not_yet_obtained",
        "placement": "parents",
        "legal_status": "none",
        "plan": "not:refused",
        "looked_after": "no",
    }
    return {f"children-{number}-{name}": text for name, text in (typed | changed).items()}


def typed(**changed):
    """A referral as somebody types it; a dash stands as two underscores."""
    day = {"from_on-day": "6", "from_on-month": "12", "from_on-year": "2026"}
    aware = {f"council_became_aware_on-{part}": text for part, text in (("day", "7"), ("month", "12"))}
    return (
        child()
        | day
        | aware
        | {
            "council_became_aware_on-year": "2026",
            "household": "Mother",
            "harm": "serious_harm",
            "abuse": ["physical", "neglect"],
            "date_known": "date",
            "setting": "family_home",
            "place": "Estuary Town",
            "description": "Brought to hospital, gravely hurt.",
            "safety": "none_needed",
            "safety_reason": "She is in hospital.",
        }
        | {name.replace("__", "-"): text for name, text in changed.items()}
    )


class Service:
    """The service with everybody of the fifteen days, each with a password."""

    def __init__(self, app: Flask, partnership: Partnership) -> None:
        self.app, self.partnership = app, partnership
        self.now = london("2026-12-07 14:20")

    def browser(self, first_name: str) -> FlaskClient:
        browser = self.app.test_client()
        email = self.partnership[first_name].email
        answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    def rows(self, table, *where):
        with self.partnership.sessions() as session:
            return session.scalars(select(table).where(*where)).all()


@pytest.fixture
def service(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Service]:
    settings = Settings(
        secret_key="a-key-for-tests-only-0123456789abcdef",
        data_folder=tmp_path,
        database_url=database_url,
        cheap_passwords=True,
    )
    with transaction(partnership.sessions) as session:
        session.execute(update(Person).values(password_hash=Passwords(cheap=True).hash(PASSWORD)))
    made: list[Service] = []
    app = create_app(settings, lambda: made[0].now, partnership.definitions)
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["TESTING"] = True
    made.append(Service(app, partnership))
    yield made[0]
    app.extensions["reviewflow.sessions"].kw["bind"].dispose()


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    """What the pages say doesn't depend on the database; what is written is tried on both in `engine/`."""
    return request.param


# Opening a case


def test_an_agency_contact_is_led_to_the_form_of_their_area(service):
    answer = service.browser("Jory").get("/cases/new")
    page = read_our_page(answer.text)

    assert answer.status_code == 200
    links = [words(link) for link in page.iter("a") if "/cases/new/" in link.get("href", "")]
    assert links == ["Rapid review, Essex", "Rapid review, Thurrock"]


def test_somebody_with_one_choice_comes_straight_to_the_form(service):
    answer = service.browser("Ines").get("/cases/new")

    assert (answer.status_code, answer.location) == (302, OPEN)


def test_somebody_who_may_open_nothing_is_told_so(service):
    assert service.browser("Conrad").get("/cases/new").status_code == 403
    assert service.browser("Ines").get("/cases/new/THK/rapid-review").status_code == 404
    assert service.browser("Ines").get("/cases/new/ESX/learning-review").status_code == 404


def test_a_referral_is_sent_and_names_nobody_on_the_way(service, caplog):
    browser = service.browser("Jory")
    first = read_our_page(browser.get(OPEN).text)

    sent = browser.post(OPEN, data=typed())
    page = browser.get(sent.location).text

    assert words(next(first.iter("h1"))) == "Open a case: rapid review"
    assert sent.status_code == 303
    (case,) = service.rows(Case)
    assert sent.location == f"/cases/{case.public_id}/referral"
    assert "The reference of the case is ESX-2026-001." in page
    assert "Clover" not in page + caplog.text + sent.location
    assert {one.value for one in service.rows(Identity)} == {
        "Clover Vetch",
        "Clo",
        "2022-03-01",
        "2 Nowhere Close",
        "Mother",
    }
    assert service.rows(Draft) == []


def test_a_refused_referral_keeps_everything_and_leads_to_each_error(service):
    browser = service.browser("Jory")
    wrong = typed(nhs="1") | child(nhs_number="999 001 0004", sex="") | {"from_on-day": "8"}
    wrong.pop("nhs")

    answer = browser.post(OPEN, data=wrong)
    page = read_our_page(answer.text)

    assert answer.status_code == 400
    assert summary(page) == [
        (
            "Child 1: NHS number must have 10 digits, and these do not fit together. Check them",
            "children-0-nhs_number",
        ),
        ("Child 1: Choose sex", "children-0-sex"),
    ]
    assert 'value="Clover Vetch"' in answer.text
    assert service.rows(Case) == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        (
            {"from_on-year": "20026"},
            ("The day of the incident must have a year of four numbers, such as 2026", "from_on-day"),
        ),
        (
            {"council_became_aware_on-day": "5"},
            ("The council cannot have become aware before the incident.", "council_became_aware_on-day"),
        ),
        ({"safety_reason": ""}, ("Say why no action is needed", "safety_reason")),
        (
            {"safety": "actions"},
            ("Add at least one action, or choose another answer above", "actions-0-what"),
        ),
        (
            {"date_known": "not_known"},
            ("You chose that the date is not known, but a date is given. Clear one of them.", "date_known"),
        ),
        (
            {"children-0-born_on-value-year": "2027"},
            ("Child 1: The day must be today or in the past", "children-0-born_on-value-day"),
        ),
    ],
)
def test_what_does_not_fit_together_is_said_beside_its_question(service, changed, error):
    page = read_our_page(service.browser("Jory").post(OPEN, data=typed() | changed).text)

    assert summary(page) == [error]


def test_an_action_needs_somebody_who_does_it(service):
    row = {"actions-0-what": "See the brother", "safety": "actions"}
    day = {
        f"actions-0-due_on-{part}": text for part, text in (("day", "8"), ("month", "12"), ("year", "2026"))
    }
    browser = service.browser("Jory")

    refused = browser.post(OPEN, data=typed() | row | day)
    sent = browser.post(OPEN, data=typed() | row | day | {"actions-0-owner": "Duty social worker"})

    assert summary(read_our_page(refused.text)) == [
        ("Action 1: Say who does it: choose a person, or write who it is", "actions-0-owner_person")
    ]
    assert sent.status_code == 303
    assert [one.owner for one in service.rows(Action)] == ["Duty social worker"]


def test_four_children_are_taken_and_no_more(service):
    browser = service.browser("Jory")
    four = typed() | child(1) | child(2) | child(3)

    refused = browser.post(OPEN, data=four | child(4))
    sent = browser.post(OPEN, data=four)

    assert "at most 4" in refused.text
    assert sent.status_code == 303


def test_a_referral_that_is_saved_is_there_when_one_comes_back(service):
    browser = service.browser("Jory")

    browser.post(OPEN, data=typed() | {"then": "save"})
    page = service.browser("Jory").get(OPEN).text

    assert 'value="Clover Vetch"' in page
    assert service.rows(Case) == []
    assert 'value="Clover Vetch"' not in service.browser("Ines").get(OPEN).text


def test_a_referral_saves_itself_as_it_is_typed(service):
    browser = service.browser("Jory")

    answer = browser.post(f"{OPEN}/draft", data={"place": "Estuary Town"})

    assert answer.json == {"saved_at": "2026-12-07T14:20:00+00:00"}
    assert 'value="Estuary Town"' in browser.get(OPEN).text


def test_a_child_more_or_less_saves_nothing_and_loses_nothing(service):
    browser = service.browser("Jory")

    more = browser.post(OPEN, data=typed() | {"then": "add:children"})
    less = browser.post(OPEN, data=typed() | child(1) | {"then": "remove:children:1"})

    assert 'name="children-1-name-value"' in more.text
    assert 'name="children-1-name-value"' not in less.text
    assert 'value="Clover Vetch"' in less.text
    assert service.rows(Draft) == []


def test_a_referral_sent_twice_is_one_case(service):
    browser = service.browser("Jory")
    version = re.search(r'name="version" value="([^"]+)"', browser.get(OPEN).text)[1]

    first = browser.post(OPEN, data=typed() | {"version": version})
    second = browser.post(OPEN, data=typed() | {"version": version})

    assert [one.public_id for one in service.rows(Case)] == [version]
    assert first.location == second.location


# Duplicates

SAME_CHILD = {"children-0-name-value": "Poppy Larkspur"}


def test_a_likely_duplicate_is_pointed_out_and_one_can_go_on(service):
    refer(service.partnership)
    browser = service.browser("Ines")

    asked = browser.post(OPEN, data=typed() | SAME_CHILD | {"version": "A" * 16})
    page = read_our_page(asked.text)
    case_id = next(e for e in page.iter("input") if e.get("name") == "version").get("value")
    went_on = browser.post(f"{OPEN}/go-on", data={"version": case_id})
    again = browser.post(f"{OPEN}/go-on", data={"version": case_id})

    assert words(next(page.iter("h1"))) == "This may already have been referred"
    assert "ESX-2026-001" in asked.text
    assert "Poppy" not in asked.text
    assert went_on.location == f"/cases/{case_id}/referral"
    assert again.location == OPEN
    assert len(service.rows(Case)) == 2


def test_who_may_not_know_of_the_other_case_is_not_told_of_it(service):
    refer(service.partnership)

    sent = service.browser("Petra").post(OPEN, data=typed() | SAME_CHILD)
    shown_to_petra = service.browser("Petra").get(sent.location).text
    shown_to_ines = service.browser("Ines").get(sent.location).text

    assert sent.status_code == 303
    assert "ESX-2026-001" not in shown_to_petra
    assert "This may already have been referred" in shown_to_ines
    assert "ESX-2026-001" in shown_to_ines
    case_page = service.browser("Ines").get(sent.location.removesuffix("/referral")).text
    assert "This may already have been referred: ESX-2026-001." in case_page


def test_the_coordinator_joins_two_referrals(service):
    first, second = refer(service.partnership), refer(service.partnership)
    browser = service.browser("Ines")
    service.now = second.now

    page = browser.get(f"/cases/{second.id}/do/join_to_another_referral")
    joined = browser.post(
        f"/cases/{second.id}/do/join_to_another_referral", data={"reference": "ESX-2026-001"}
    )

    read_our_page(page.text)
    assert "ESX-2026-001" in page.text
    assert joined.status_code == 303
    assert second.state == "joined"
    assert "ESX-2026-002" in browser.get(f"/cases/{first.id}/referral").text
    assert "Child 1, from the referral joined to it" in browser.get(f"/cases/{first.id}/referral").text


# Who it is


def test_who_this_is_is_shown_on_purpose_and_noted(service):
    case = refer(service.partnership)
    browser = service.browser("Ines")

    plain = browser.get(f"/cases/{case.id}/referral")
    shown = browser.post(f"/cases/{case.id}/identity")
    hidden = browser.get(f"/cases/{case.id}/referral")

    read_our_page(shown.text)
    assert "Poppy Larkspur" not in plain.text + hidden.text
    assert "Poppy Larkspur" in shown.text
    assert "Tuesday 1 March 2022" in shown.text
    assert "999 001 0005" in shown.text
    assert "Poppy" not in re.search(r"<title>.*?</title>", shown.text)[0]
    assert shown.headers["Cache-Control"] == "no-store"
    noted = [(one.what, one.person_id) for one in service.rows(Reading)]
    ines = service.partnership["Ines"].id
    assert noted == [("referral", ines), ("identity", ines)]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("Ines", 200),
        ("Rufus", 200),
        ("Nadia", 200),
        ("Jory", 403),
        ("Conrad", 403),
        ("Finn", 404),
        ("Bryony", 404),
        ("Viola", 404),
    ],
)
def test_names_are_for_members_and_asked_agencies(service, who, status):
    case = refer(service.partnership)
    notify(case)
    ask_agencies(case)
    service.now = case.now

    answer = service.browser(who).post(f"/cases/{case.id}/identity")

    assert answer.status_code == status
    assert ("Poppy Larkspur" in answer.text) is (status == 200)


def test_who_has_declared_a_conflict_sees_nothing_of_it(service):
    case = refer(service.partnership)
    case.do("declare_conflict", "Rufus", {"reason": "A relative."})
    service.now = case.now
    browser = service.browser("Rufus")

    assert browser.post(f"/cases/{case.id}/identity").status_code == 403
    page = browser.get(f"/cases/{case.id}/referral").text
    assert "You have declared a conflict of interest" in page
    assert "gravely hurt" not in page


def test_an_asked_agency_sees_what_it_is_about_and_no_view(service):
    case = refer(service.partnership)
    case.do("record_view_on_notifying", "Rufus", {"view": "notify", "reason": "The harm is plain."})
    notify(case)
    ask_agencies(case)
    service.now = case.now

    page = service.browser("Nadia").get(f"/cases/{case.id}/referral").text

    assert "A child was seriously harmed" in page
    assert "gravely hurt" not in page
    assert "The harm is plain" not in page


# The acts


def test_each_partner_sees_the_views_before_giving_theirs(service):
    case = refer(service.partnership)
    case.do("record_view_on_notifying", "Miriam", {"view": "notify", "reason": "The injury."})
    service.now = case.now
    browser = service.browser("Rufus")
    url = f"/cases/{case.id}/do/record_view_on_notifying"

    page = browser.get(url)
    given = browser.post(url, data={"view": "wait", "reason": "The cause is not known."})

    read_our_page(page.text)
    assert "Miriam Curlew, County health board" in page.text
    assert given.status_code == 303
    shown = words(read_our_page(service.browser("Ines").get(f"/cases/{case.id}/referral").text))
    assert "Rufus Kestrel, County police Do not notify yet The cause is not known." in shown


NOTIFIED = {
    "kind": "serious_incident",
    "sent_at-day": "10",
    "sent_at-month": "12",
    "sent_at-year": "2026",
    "sent_at-time": "11:05",
    "panel_reference": "INVENTED-0001",
    "addressees": ["panel", "partners"],
    "reason": "Abuse is suspected and the harm is serious.",
}


def test_the_council_notifies_against_a_view_with_a_reason(service):
    case = refer(service.partnership)
    case.do("record_view_on_notifying", "Rufus", {"view": "wait", "reason": "The cause is not known."})
    service.now = london("2026-12-10 11:30")
    browser, url = service.browser("Odette"), f"/cases/{case.id}/do/notify"

    page = browser.get(url)
    refused = browser.post(url, data=NOTIFIED)
    sent = browser.post(url, data=NOTIFIED | {"against_reason": "The harm is enough."})

    assert "by <time" in page.text
    assert "Monday 14 December 2026" in page.text
    assert summary(read_our_page(refused.text)) == [
        ("Say why the council decides against the view of a partner.", "against_reason")
    ]
    assert sent.status_code == 303
    assert case.state == "gathering"
    shown = words(read_our_page(browser.get(f"/cases/{case.id}/referral").text))
    assert "Sent Thursday 10 December 2026, in time" in shown
    assert "Why against the view of a partner The harm is enough." in shown


def test_a_late_notification_is_said_to_be_late_and_not_refused(service):
    case = refer(service.partnership)
    service.now = london("2026-12-16 09:00")
    browser, url = service.browser("Odette"), f"/cases/{case.id}/do/notify"

    page = browser.get(url).text
    sent = browser.post(url, data=NOTIFIED | {"sent_at-day": "15"})

    assert "The 5 working days to notify ended on" in page
    assert sent.status_code == 303
    shown = words(read_our_page(browser.get(f"/cases/{case.id}/referral").text))
    assert "Sent Tuesday 15 December 2026, 1 working day late" in shown


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"sent_at-time": "11:31"}, "When was it sent?” must be now or in the past"),
        ({"sent_at-day": "6"}, "The notification lies before the day the council became aware"),
        ({"addressees": []}, "Who was told?"),
    ],
)
def test_a_notification_that_cannot_be_is_refused_beside_its_question(service, changed, error):
    case = refer(service.partnership)
    service.now = london("2026-12-10 11:30")

    answer = service.browser("Odette").post(f"/cases/{case.id}/do/notify", data=NOTIFIED | changed)

    (sentence, _), *rest = summary(read_our_page(answer.text))
    assert error in sentence
    assert rest == []
    assert case.state == "referred"


def test_not_notified_is_shown_with_its_reason(service):
    case = refer(service.partnership)
    service.now = case.now
    browser = service.browser("Odette")

    read_our_page(browser.get(f"/cases/{case.id}/do/decide_not_to_notify").text)
    answer = browser.post(
        f"/cases/{case.id}/do/decide_not_to_notify",
        data={"criteria": ["abuse_or_neglect"], "reason": "An accident, seen by others."},
    )

    assert answer.status_code == 303
    shown = words(read_our_page(browser.get(f"/cases/{case.id}/referral").text))
    assert "Abuse or neglect is neither known nor suspected" in shown
    assert "An accident, seen by others." in shown


def test_an_action_is_added_listed_and_done(service):
    case = refer(service.partnership)
    add_immediate_action(case)
    service.now = case.now
    browser = service.browser("Odette")
    action = case.latest(Action)

    added = browser.post(
        f"/cases/{case.id}/do/add_immediate_action",
        data={"what": "Ring the school", "owner_person": service.partnership["Odette"].public_id}
        | {"due_on-day": "8", "due_on-month": "12", "due_on-year": "2026"},
    )
    listed = browser.get(f"/cases/{case.id}/referral").text
    form = read_our_page(browser.get(f"/cases/{case.id}/do/finish_action/{action}").text)
    done = browser.post(f"/cases/{case.id}/do/finish_action/{action}", data={"note": "Seen, and safe."})
    shown = words(read_our_page(browser.get(f"/cases/{case.id}/referral").text))

    assert (added.status_code, done.status_code) == (303, 303)
    assert f"/do/finish_action/{action}" in listed
    assert "See the brother where he is staying" in words(form)
    assert "Done on Monday 7 December 2026 Seen, and safe." in shown


def test_an_action_has_one_owner(service):
    case = refer(service.partnership)
    service.now = case.now
    both = {"what": "Ring the school", "owner_person": service.partnership["Odette"].public_id, "owner": "Me"}
    day = {"due_on-day": "8", "due_on-month": "12", "due_on-year": "2026"}

    answer = service.browser("Odette").post(f"/cases/{case.id}/do/add_immediate_action", data=both | day)

    assert summary(read_our_page(answer.text)) == [
        ("Choose a person from the list or write who it is, not both", "owner")
    ]


def test_an_overdue_action_and_a_period_are_shown_as_such(service):
    period = {"date_known": "period", "until_on-day": "7", "until_on-month": "12", "until_on-year": "2026"}
    row = {"actions-0-what": "See the brother", "actions-0-owner": "Duty social worker", "safety": "actions"}
    day = {"actions-0-due_on-day": "8", "actions-0-due_on-month": "12", "actions-0-due_on-year": "2026"}
    sent = service.browser("Jory").post(OPEN, data=typed() | period | row | day)
    service.now = london("2026-12-09 09:00")

    shown = words(read_our_page(service.browser("Ines").get(sent.location).text))

    assert "Sunday 6 December 2026 to Monday 7 December 2026" in shown
    assert "Duty social worker Tuesday 8 December 2026 Late" in shown


def test_a_correction_begins_with_what_the_referral_says(service):
    case = refer(service.partnership)
    service.now = case.now
    browser, url = service.browser("Ines"), f"/cases/{case.id}/do/correct_referral"

    page = browser.get(url)
    tree = read_our_page(page.text)
    kept = {e.get("name"): e.get("value") for e in tree.iter("input") if e.get("value")}

    assert kept["from_on-day"] == "6"
    assert kept["council_became_aware_on-day"] == "7"
    assert "A girl of four was brought to hospital" in page.text
    assert "Child 1 (female, 4 years)" in page.text
    assert "Poppy" not in page.text


def test_a_correction_adds_a_child_a_name_and_what_was_obtained(service):
    case = refer(service.partnership)
    service.now = case.now
    browser, url = service.browser("Ines"), f"/cases/{case.id}/do/correct_referral"
    same = {name: text for name, text in typed().items() if not name.startswith(("children", "household"))}
    same = {name: text for name, text in same.items() if not name.startswith("safety")}
    further = {
        name.replace("children-0", "further_children-0"): text
        for name, text in child(**{"name-value": "Robin Larkspur", "sex": "male"}).items()
    }
    more = {
        "more_identity-0-child": "1",
        "more_identity-0-kind": "born_on",
        "more_identity-0-value": "1 April 2022",
        "more_identity-1-child": "",
        "more_identity-1-kind": "household",
        "more_identity-1-value": "An aunt",
        "corrected-0-child": "1",
        "corrected-0-says": "disability=sensory",
        "corrected-1-child": "1",
        "corrected-1-says": "ethnicity=not:refused",
    }

    wrong = browser.post(
        url, data=same | {"more_identity-0-kind": "born_on", "more_identity-0-value": "soon"}
    )
    to_come = browser.post(url, data=same | more | {"more_identity-0-value": "1 April 2027"})
    answer = browser.post(url, data=same | further | more)

    assert [sentence for sentence, _ in summary(read_our_page(wrong.text))] == [
        "Detail 1: Choose which child",
        "Detail 1: Date of birth must include a month and a year",
    ]
    assert [sentence for sentence, _ in summary(read_our_page(to_come.text))] == [
        "Detail 1: Date of birth must be today or in the past"
    ]
    assert answer.status_code == 303, summary(read_our_page(answer.text))
    shown = words(read_our_page(browser.post(f"/cases/{case.id}/identity").text))
    for sentence in (
        "Robin Larkspur",
        "Friday 1 April 2022",
        "An aunt",
        "Hearing or sight impairment",
        "Refused",
    ):
        assert sentence in shown
    assert not [one for one in service.rows(Answers) if "Robin" in str(one.content)]


def test_a_conflict_and_a_late_letter_have_their_pages(service):
    case = refer(service.partnership)
    notify(case)
    service.now = case.now
    browser = service.browser("Ines")

    letter = browser.get(f"/cases/{case.id}/do/tell_panel_it_will_be_late")
    conflict = browser.get(f"/cases/{case.id}/do/declare_conflict")
    declared = browser.post(f"/cases/{case.id}/do/declare_conflict", data={"reason": "A friend."})

    read_our_page(letter.text)
    read_our_page(conflict.text)
    assert declared.status_code == 303
