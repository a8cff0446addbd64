"""Clocks: what they count from, when they start, stop and move, and what stays met."""

import pytest
from sqlalchemy import select

from reviewflow.casefile.record import Refused
from reviewflow.casefile.tables import Case
from reviewflow.clocks import Clock
from tests.making import CaseInPlay, london


def clocks_of(case: CaseInPlay, name: str) -> list[Clock]:
    with case.partnership.sessions() as session:
        query = select(Clock).join(Case, Case.id == Clock.case_id).where(Case.public_id == case.id)
        return list(session.scalars(query.where(Clock.name == name).order_by(Clock.id)))


def seen(case: CaseInPlay, name: str) -> list[tuple[str, bool]]:
    """Each row of a clock: its due day, and whether it runs."""
    return [(str(row.due_on), row.stopped_at is None) for row in clocks_of(case, name)]


@pytest.fixture
def case(open_case):
    return open_case("counting")


def test_a_clock_without_its_fact_does_not_run(case):
    assert seen(case, "told") == []


def test_a_clock_counts_from_the_fact_and_shows_its_workings(case):
    case.do("set_dates", "Ines", {"told_on": "2026-12-10"})

    assert seen(case, "told") == [("2027-01-05", True)]
    assert seen(case, "same_day") == [("2026-12-16", True)]
    row = clocks_of(case, "told")[0]
    assert row.milestones == {"letters": "2026-12-11", "returns": "2026-12-21"}
    left_out = {day["date"]: day["reason"] for day in row.workings["left_out"]}
    assert {"2026-12-25", "2026-12-28", "2027-01-01"} <= set(left_out)
    assert case.row.next_due_at == london("2026-12-17 00:00")


def test_a_clock_can_count_back_from_a_planned_day(case):
    case.do("set_dates", "Ines", {"meeting_on": "2026-12-24"})

    assert seen(case, "papers") == [("2026-12-17", True)]


def test_a_clock_can_count_from_the_opening_and_in_months(case):
    assert seen(case, "whole") == [("2027-06-07", True)]


def test_hours_count_from_the_moment_something_was_done(case):
    case.do("go_on", "Ines")
    case.do("ring", "Ines", at="2026-12-08 16:30")

    assert clocks_of(case, "rung")[0].due_at == london("2026-12-10 16:30")


def test_something_done_before_its_state_still_counts_from_then(case):
    case.do("ring", "Ines", at="2026-12-08 16:30")
    case.do("go_on", "Ines", at="2026-12-09 09:00")

    assert clocks_of(case, "rung")[0].due_at == london("2026-12-10 16:30")


def test_done_again_in_its_state_it_starts_again(case):
    case.do("go_on", "Ines")
    case.do("ring", "Ines", at="2026-12-08 16:30")
    case.do("ring", "Ines", at="2026-12-09 10:00")

    first, second = clocks_of(case, "rung")
    assert first.was_moved
    assert first.stopped_at is not None
    assert (second.due_at, second.stopped_at) == (london("2026-12-11 10:00"), None)


def test_done_again_outside_its_state_it_counts_from_then_on_return(case):
    case.do("go_on", "Ines")
    case.do("ring", "Ines", at="2026-12-08 16:30")
    case.do("come_back", "Ines", at="2026-12-09 09:00")
    case.do("ring", "Ines", at="2026-12-10 09:00")
    case.do("go_on", "Ines", at="2026-12-11 09:00")

    assert [row.due_at for row in clocks_of(case, "rung")] == [
        london("2026-12-10 16:30"),
        london("2026-12-12 09:00"),
    ]


def test_a_clock_stops_with_its_last_state_and_what_is_met_stays_met(case):
    case.do("set_dates", "Ines", {"told_on": "2026-12-10"})
    case.do("go_on", "Ines")
    case.do("go_further", "Ines")
    case.do("come_back", "Ines")

    assert seen(case, "told") == [("2027-01-05", False)]
    assert not clocks_of(case, "told")[0].was_moved
    assert seen(case, "whole") == [("2027-06-07", True)]


def test_a_corrected_fact_moves_the_clock_and_moves_it_back(case):
    for day in ("2026-12-10", "2026-12-11", "2026-12-10"):
        case.do("set_dates", "Ines", {"told_on": day})

    assert seen(case, "told") == [("2027-01-05", False), ("2027-01-06", False), ("2027-01-05", True)]


def test_the_same_fact_again_changes_nothing(case):
    for _ in range(2):
        case.do("set_dates", "Ines", {"told_on": "2026-12-10"})

    assert seen(case, "told") == [("2027-01-05", True)]


def test_a_fact_corrected_after_the_limit_was_met_starts_nothing_there(case):
    case.do("set_dates", "Ines", {"told_on": "2026-12-10"})
    case.do("go_on", "Ines")
    case.do("go_further", "Ines")
    case.do("set_dates", "Ines", {"told_on": "2026-12-09"})

    assert seen(case, "told") == [("2027-01-05", False)]


def test_at_the_end_nothing_runs(case):
    case.do("set_dates", "Ines", {"told_on": "2026-12-10", "meeting_on": "2026-12-24"})
    case.do("end", "Ines")

    with case.partnership.sessions() as session:
        assert session.scalars(select(Clock).where(Clock.stopped_at.is_(None))).all() == []
    assert case.row.next_due_at is None


def test_past_the_last_known_year_is_a_clear_refusal(case):
    with pytest.raises(Refused, match="The bank holidays are known from 2018 to 20"):
        case.do("set_dates", "Ines", {"told_on": "2051-12-10"})
