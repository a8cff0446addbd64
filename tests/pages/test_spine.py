"""Your work, the list of cases and the page of a case, as the people of the fifteen days see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import making
from tests.making import Partnership, london, make_case
from tests.pages.reading import words
from tests.pages.site import Site, open_site


@pytest.fixture
def site(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Site]:
    opened = open_site(partnership, database_url, tmp_path)
    yield opened
    opened.engine.dispose()


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
