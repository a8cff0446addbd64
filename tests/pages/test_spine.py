"""Your work, the list of cases and the page of a case, as the people of the fifteen days see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reviewflow.actions import Action
from tests import making
from tests.making import CaseInPlay, Partnership, london, make_case
from tests.pages.reading import words
from tests.pages.site import Site, open_site


@pytest.fixture
def site(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Site]:
    opened = open_site(partnership, database_url, tmp_path)
    yield opened
    opened.engine.dispose()


def finish_action(case: CaseInPlay) -> None:
    """The action for the safety of the brother, which is the first."""
    with case.partnership.sessions() as session:
        action = session.scalars(select(Action.public_id).order_by(Action.id)).first()
    case.do("finish_action", "Odette", {"note": "The brother was seen."}, subject=action)


def work_of(site: Site, first_name: str) -> list[str]:
    """Each line of somebody's work: what, and by when."""
    main = next(site.page(first_name, "/").iter("main"))
    rows = [row for body in main.iter("tbody") for row in body.iter("tr")]
    return [f"{words(row[0])}: {words(row[2])}" for row in rows]


def test_before_the_notification_each_partner_sees_what_waits_for_them(site: Site) -> None:
    making.refer(site.partnership)

    site.at = london("2026-12-07 17:00")

    assert work_of(site, "Odette") == [
        "Decide whether to notify: Due Monday 14 December 2026",
        "Partner's view on notifying: Due Monday 14 December 2026",
    ]
    assert work_of(site, "Ines") == ["Referred for consideration: Due Monday 14 December 2026"]
    assert work_of(site, "Miriam") == ["Partner's view on notifying: Due Monday 14 December 2026"]
    assert work_of(site, "Gwen") == []


def test_the_coordinator_asks_then_waits_for_returns_and_plans_the_meeting(site: Site) -> None:
    case = make_case(site.partnership, "gathering")
    finish_action(case)
    site.at = london("2026-12-10 17:00")
    before = work_of(site, "Ines")
    making.ask_agencies(case)

    site.at = london("2026-12-11 17:00")

    assert before == ["Ask agencies what they know: Last safe day Friday 11 December 2026"]
    assert work_of(site, "Ines") == [
        "Returns, 2 awaited: Last safe day Monday 21 December 2026",
        "Plan the meeting: Last safe day Thursday 24 December 2026",
    ]
    assert work_of(site, "Nadia") == ["Summary of what the agency knew and did: Due Monday 21 December 2026"]
    assert work_of(site, "Bryony") == []


def test_an_agency_that_is_late_stands_on_the_lists_of_three_people(site: Site) -> None:
    case = make_case(site.partnership, "gathering")
    finish_action(case)
    making.ask_agencies(case)

    site.at = london("2026-12-22 17:00")

    assert work_of(site, "Nadia") == ["Summary of what the agency knew and did: Due Monday 21 December 2026"]
    assert work_of(site, "Edmund") == ["The agency's return is late: Due Monday 21 December 2026"]
    assert "1 working day late" in words(site.page("Edmund", "/")).lower()
    assert work_of(site, "Ines")[0] == "Returns, 2 awaited: Last safe day Monday 21 December 2026"


def test_a_return_moves_from_the_contact_to_the_senior_lead(site: Site) -> None:
    case = make_case(site.partnership, "gathering")
    finish_action(case)
    making.ask_agencies(case)
    making.send_return(case)

    site.at = london("2026-12-21 12:00")

    assert work_of(site, "Nadia") == []
    assert work_of(site, "Edmund") == [
        "Sign off: Summary of what the agency knew and did: Due Monday 21 December 2026"
    ]


def test_a_partner_who_gave_a_view_is_not_asked_again(site: Site) -> None:
    case = making.refer(site.partnership)
    case.do("record_view_on_notifying", "Miriam", {"view": "notify", "reason": "A serious injury."})

    site.at = london("2026-12-08 17:00")

    assert work_of(site, "Miriam") == []
    assert work_of(site, "Rufus") == ["Partner's view on notifying: Due Monday 14 December 2026"]


def test_the_meeting_stands_on_the_lists_of_those_who_were_told_until_it_is_held(site: Site) -> None:
    case = make_case(site.partnership, "gathering")
    finish_action(case)
    making.plan_meeting(case)
    site.at = london("2026-12-14 17:00")

    lists = {name: work_of(site, name) for name in ("Hugo", "Salma", "Odette", "Miriam", "Rufus")}

    assert set(map(tuple, lists.values())) == {("Meeting: Thursday 24 December 2026 at 9:30am",)}
    assert work_of(site, "Gwen") == []


def test_the_ratifier_is_waited_for_and_the_alternate_only_when_the_ratifier_stands_aside(site: Site) -> None:
    case = make_case(site.partnership, "awaiting_ratification")
    finish_action(case)
    site.at = london("2026-12-30 17:00")
    before = work_of(site, "Gwen"), work_of(site, "Beatrix")

    case.do("stand_aside", "Gwen", {"reason": "I know the family."})

    assert before == (["Ratify, ask or return: Last safe day Monday 4 January 2027"], [])
    assert work_of(site, "Gwen") == []
    assert work_of(site, "Beatrix") == ["Ratify, ask or return: Last safe day Monday 4 January 2027"]


def test_a_question_of_the_ratifier_stands_on_the_lists_of_those_who_may_answer(site: Site) -> None:
    case = make_case(site.partnership, "awaiting_ratification")
    finish_action(case)
    case.do("ask_question", "Gwen", {"question": "Was it known to the school?"}, at="2026-12-31 09:10")
    site.at = london("2026-12-31 09:30")

    lists = [work_of(site, name) for name in ("Ines", "Hugo", "Salma")]

    assert lists == [["Answer the ratifier's question: Asked on Thursday 31 December 2026"]] * 3


def test_after_the_submission_the_reply_is_expected_and_then_the_review_is_finished(site: Site) -> None:
    case = make_case(site.partnership, "with_panel")
    finish_action(case)
    site.at = london("2027-01-05 17:00")
    before = work_of(site, "Ines")

    making.record_panel_reply(case)

    assert before == ["The Panel's reply: Expected by Tuesday 19 January 2027"]
    assert work_of(site, "Ines") == ["Finish the rapid review: No day set"]


@pytest.mark.parametrize("state", making.STAGES)
def test_a_case_in_every_state_is_shown_to_everybody_without_fault(site: Site, state: str) -> None:
    case = make_case(site.partnership, state)
    site.at = case.now

    for name in ("Ines", "Hugo", "Gwen", "Conrad", "Nadia", "Odette"):
        if name != "Nadia" or case.now > london("2026-12-12 00:00"):
            site.page(name, f"/cases/{case.id}", 404 if name == "Nadia" and state in UNASKED else 200)
        site.page(name, "/")
        site.page(name, "/cases?show=all")


UNASKED = ("referred", "gathering", "not_notified", "notified_only", "withdrawn", "joined")
