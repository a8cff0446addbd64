from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta, timezone

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewflow.working_days import (
    Calendar,
    CalendarEnds,
    Length,
    LengthUnclear,
    Unit,
    add_working_days,
    due,
    due_before,
    from_london,
    is_working_day,
    last_safe_day,
    london_date,
    next_working_day,
    shipped_calendar,
    slack,
    to_london,
    working_day_number,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_between,
)

CALENDAR = shipped_calendar()
FIFTEEN = Length.parse("15 working days")
SIX_MONTHS = Length.parse("6 months")
TWO_DAYS_IN_HOURS = Length.parse("48 hours")


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Lengths


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("15 working days", 15, Unit.WORKING_DAY),
        ("1 working day", 1, Unit.WORKING_DAY),
        ("5 days", 5, Unit.DAY),
        ("2 weeks", 2, Unit.WEEK),
        ("6 months", 6, Unit.MONTH),
        ("1 year", 1, Unit.YEAR),
        ("48 hours", 48, Unit.HOUR),
        ("  48   Hours ", 48, Unit.HOUR),
    ],
)
def test_a_length_is_read_from_words(text, number, unit):
    assert Length.parse(text) == Length(number, unit)


@pytest.mark.parametrize("text", ["15 working days", "1 working day", "1 year", "2 weeks", "48 hours"])
def test_a_length_is_written_as_it_was_read(text):
    assert str(Length.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "15", "days", "-5 days", "1.5 days", "12345 days", "٣ days", "15days", "six months"]
)
def test_words_that_give_no_length_are_refused(text):
    with pytest.raises(LengthUnclear, match=r"is not a length\. Write it like 15 working days"):
        Length.parse(text)


@pytest.mark.parametrize("text", ["15 business days", "3 fortnights", "15 dayss"])
def test_an_unknown_unit_is_refused(text):
    with pytest.raises(LengthUnclear, match="is not a unit we count in"):
        Length.parse(text)


def test_nothing_is_due_after_no_time_at_all():
    with pytest.raises(LengthUnclear, match="at least 1"):
        Length.parse("0 working days")


# The calendar


def test_the_shipped_table_agrees_with_another_source():
    theirs = holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2029))

    assert set(CALENDAR.holidays) == {day for day in theirs if day.weekday() < 5}
    assert (CALENDAR.first_year, CALENDAR.last_year) == (2018, 2028)


def test_the_shipped_table_has_eighty_three_weekdays_to_the_end_of_2027():
    assert len([day for day in CALENDAR.holidays if day.year <= 2027]) == 83


@pytest.mark.parametrize(
    "day",
    [
        "2020-05-08",
        "2022-06-02",
        "2022-06-03",
        "2022-09-19",
        "2023-05-01",
        "2023-05-08",
        "2020-12-28",
        "2021-12-27",
        "2021-12-28",
        "2022-01-03",
        "2022-12-27",
        "2023-01-02",
        "2026-12-28",
        "2027-12-27",
        "2027-12-28",
        "2028-01-03",
    ],
)
def test_moved_extra_and_substitute_holidays_are_no_working_days(day):
    assert not is_working_day(on(day), CALENDAR)


@pytest.mark.parametrize(
    "day", ["2020-05-04", "2022-05-30", "2026-06-15", "2026-12-29", "2026-12-31", "2028-12-29"]
)
def test_days_that_look_like_holidays_are_worked(day):
    assert is_working_day(on(day), CALENDAR)


def test_a_day_left_out_says_why():
    assert CALENDAR.reason(on("2026-12-26")) == "Saturday"
    assert CALENDAR.reason(on("2026-12-27")) == "Sunday"
    assert CALENDAR.reason(on("2026-12-28")) == "Boxing Day (substitute day)"
    assert CALENDAR.reason(on("2026-12-29")) is None


def test_a_calendar_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        CALENDAR.version = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        CALENDAR.holidays[on("2026-12-29")] = "Another"  # type: ignore[index]


def test_calendars_alike_are_equal_and_can_be_keys():
    again = replace(CALENDAR)

    assert again == CALENDAR
    assert len({again, CALENDAR}) == 1


def test_a_proclaimed_holiday_makes_a_new_version_and_moves_the_due_date():
    proclaimed = CALENDAR.with_holiday(on("2026-12-29"), "A day of celebration")

    assert due(on("2026-12-10"), FIFTEEN, proclaimed).due == on("2027-01-06")
    assert proclaimed.version == "england-and-wales-2018-2028+2026-12-29"
    assert due(on("2026-12-10"), FIFTEEN, CALENDAR).due == on("2027-01-05")
    assert (on("2026-12-29"), "A day of celebration") in due(on("2026-12-10"), FIFTEEN, proclaimed).left_out


def test_two_holidays_make_the_same_calendar_in_either_order():
    one, other = (on("2027-06-11"), "One"), (on("2027-05-10"), "Other")

    assert CALENDAR.with_holiday(*one).with_holiday(*other) == CALENDAR.with_holiday(*other).with_holiday(
        *one
    )


@pytest.mark.parametrize(
    ("day", "name", "sentence"),
    [
        ("2026-12-25", "Christmas", "Friday 25 December 2026 is a bank holiday already: Christmas Day."),
        ("2026-12-29", " ", "Give the bank holiday on Tuesday 29 December 2026 a name."),
    ],
)
def test_a_holiday_that_makes_no_sense_is_refused(day, name, sentence):
    with pytest.raises(ValueError, match=sentence):
        CALENDAR.with_holiday(on(day), name)


def test_a_holiday_outside_the_known_years_is_refused():
    with pytest.raises(CalendarEnds):
        CALENDAR.with_holiday(on("2031-06-02"), "Too far ahead")


def test_closed_days_of_a_partnership_make_a_calendar_of_their_own():
    closure = {on("2026-12-29"): "Office closed", on("2026-12-30"): "Office closed"}

    local = CALENDAR.with_closed_days(closure)

    assert due(on("2026-12-10"), FIFTEEN, local).due == on("2027-01-07")
    assert due(on("2026-12-10"), FIFTEEN, CALENDAR).due == on("2027-01-05")
    assert local.version.startswith("england-and-wales-2018-2028+closed-")
    assert local.reason(on("2026-12-29")) == "Office closed"
    assert local.with_holiday(on("2027-06-11"), "One").closed == closure


# Forwards


@pytest.mark.parametrize(
    ("event", "number", "day_after", "same_day"),
    [
        ("2026-01-05", 5, "2026-01-12", "2026-01-09"),
        ("2026-01-12", 15, "2026-02-02", "2026-01-30"),
        ("2025-12-11", 15, "2026-01-06", "2026-01-05"),
        ("2025-12-19", 5, "2025-12-30", "2025-12-29"),
        ("2026-12-21", 5, "2026-12-30", "2026-12-29"),
        ("2026-12-10", 15, "2027-01-05", "2027-01-04"),
        ("2026-03-27", 15, "2026-04-21", "2026-04-20"),
        ("2023-04-21", 15, "2023-05-16", "2023-05-15"),
        ("2022-05-13", 15, "2022-06-07", "2022-06-06"),
        ("2022-09-05", 15, "2022-09-27", "2022-09-26"),
        ("2020-04-20", 15, "2020-05-12", "2020-05-11"),
        ("2026-08-29", 5, "2026-09-07", "2026-09-07"),
        ("2026-05-02", 5, "2026-05-11", "2026-05-11"),
        ("2027-12-13", 15, "2028-01-06", "2028-01-05"),
    ],
)
def test_working_days_forwards(event, number, day_after, same_day):
    length = Length(number, Unit.WORKING_DAY)

    assert due(on(event), length, CALENDAR).due == on(day_after)
    assert due(on(event), length, CALENDAR, count="same_day").due == on(same_day)


def test_the_workings_are_shown():
    workings = due(on("2026-12-10"), FIFTEEN, CALENDAR)

    assert workings.to_json() == {
        "from": "2026-12-10",
        "length": "15 working days",
        "count": "day_after",
        "before": False,
        "rule": "15 working days from Thursday 10 December 2026, that day not counted.",
        "due": "2027-01-05",
        "due_weekday": "Tuesday",
        "day_1": "2026-12-11",
        "last_working_day": "2027-01-05",
        "left_out": [
            {"date": "2026-12-12", "weekday": "Saturday", "reason": "Saturday"},
            {"date": "2026-12-13", "weekday": "Sunday", "reason": "Sunday"},
            {"date": "2026-12-19", "weekday": "Saturday", "reason": "Saturday"},
            {"date": "2026-12-20", "weekday": "Sunday", "reason": "Sunday"},
            {"date": "2026-12-25", "weekday": "Friday", "reason": "Christmas Day"},
            {"date": "2026-12-26", "weekday": "Saturday", "reason": "Saturday"},
            {"date": "2026-12-27", "weekday": "Sunday", "reason": "Sunday"},
            {"date": "2026-12-28", "weekday": "Monday", "reason": "Boxing Day (substitute day)"},
            {"date": "2027-01-01", "weekday": "Friday", "reason": "New Year's Day"},
            {"date": "2027-01-02", "weekday": "Saturday", "reason": "Saturday"},
            {"date": "2027-01-03", "weekday": "Sunday", "reason": "Sunday"},
        ],
        "calendar_version": "england-and-wales-2018-2028",
    }


def test_a_weekend_start_is_left_out_only_where_it_would_have_counted():
    saturday, five = on("2026-08-29"), Length.parse("5 working days")

    assert due(saturday, five, CALENDAR).left_out[0] == (on("2026-08-30"), "Sunday")
    assert due(saturday, five, CALENDAR, "same_day").left_out[0] == (saturday, "Saturday")
    assert due(saturday, five, CALENDAR, "same_day").day_one == on("2026-09-01")


def test_the_london_day_of_a_moment_counts():
    just_after_midnight = at("2026-07-14T23:30:00+00:00")

    workings = due(just_after_midnight, FIFTEEN, CALENDAR)

    assert workings.start == on("2026-07-15")
    assert workings.due == on("2026-08-05")


def test_another_way_to_count_is_refused():
    with pytest.raises(LengthUnclear, match="day_after or same_day, not from “tomorrow”"):
        due(on("2026-12-10"), FIFTEEN, CALENDAR, "tomorrow")


# Backwards


@pytest.mark.parametrize(
    ("publication", "copies_by"),
    [
        ("2026-01-07", "2025-12-24"),
        ("2026-05-05", "2026-04-23"),
        ("2026-04-08", "2026-03-26"),
        ("2022-06-08", "2022-05-26"),
        ("2022-09-21", "2022-09-09"),
        ("2027-01-06", "2026-12-23"),
    ],
)
def test_seven_working_days_before_publication(publication, copies_by):
    workings = due_before(on(publication), Length.parse("7 working days"), CALENDAR)

    assert workings.due == on(copies_by)
    assert workings.counted_back


def test_counting_back_shows_its_workings_too():
    workings = due_before(on("2026-05-05"), Length.parse("3 working days"), CALENDAR)

    assert workings.rule == "3 working days before Tuesday 5 May 2026, that day not counted."
    assert workings.due == on("2026-04-29")
    assert workings.day_one == on("2026-05-01")
    assert workings.left_out == (
        (on("2026-05-02"), "Saturday"),
        (on("2026-05-03"), "Sunday"),
        (on("2026-05-04"), "Early May bank holiday"),
    )


def test_counting_back_can_count_the_planned_day():
    workings = due_before(on("2026-05-05"), Length.parse("3 working days"), CALENDAR, "same_day")

    assert workings.due == on("2026-04-30")
    assert workings.day_one == on("2026-05-05")


# Days, weeks, months and years


@pytest.mark.parametrize(
    ("start", "length", "ends", "last_working_day"),
    [
        ("2025-08-31", "6 months", "2026-02-28", "2026-02-27"),
        ("2025-11-30", "6 months", "2026-05-30", "2026-05-29"),
        ("2026-03-31", "6 months", "2026-09-30", "2026-09-30"),
        ("2026-01-12", "6 months", "2026-07-12", "2026-07-10"),
        ("2027-08-31", "6 months", "2028-02-29", "2028-02-29"),
        ("2024-02-29", "1 year", "2025-02-28", "2025-02-28"),
        ("2026-06-30", "12 months", "2027-06-30", "2027-06-30"),
        ("2026-12-20", "5 days", "2026-12-25", "2026-12-24"),
        ("2026-12-11", "2 weeks", "2026-12-25", "2026-12-24"),
    ],
)
def test_a_limit_may_end_on_a_day_nobody_works(start, length, ends, last_working_day):
    workings = due(on(start), Length.parse(length), CALENDAR)

    assert workings.due == on(ends)
    assert workings.last_working_day == on(last_working_day)
    assert workings.left_out == ()
    assert workings.day_one == on(start) + timedelta(1)


@pytest.mark.parametrize(
    ("start", "length", "ends"),
    [
        ("2026-12-21", "5 days", "2026-12-25"),
        ("2026-12-21", "1 week", "2026-12-27"),
        ("2026-01-01", "6 months", "2026-06-30"),
        ("2026-03-31", "6 months", "2026-09-30"),
        ("2025-08-31", "6 months", "2026-02-28"),
        ("2026-01-01", "1 year", "2026-12-31"),
    ],
)
def test_where_the_first_day_counts_the_period_is_over_a_day_sooner(start, length, ends):
    workings = due(on(start), Length.parse(length), CALENDAR, "same_day")

    assert workings.due == on(ends)
    assert workings.day_one == on(start)


@pytest.mark.parametrize(
    ("planned", "length", "count", "falls"),
    [
        ("2026-08-31", "6 months", "day_after", "2026-02-28"),
        ("2026-01-15", "1 month", "day_after", "2025-12-15"),
        ("2026-06-30", "6 months", "same_day", "2025-12-31"),
        ("2026-12-25", "5 days", "day_after", "2026-12-20"),
        ("2026-12-25", "5 days", "same_day", "2026-12-21"),
    ],
)
def test_months_and_days_count_back_too(planned, length, count, falls):
    assert due_before(on(planned), Length.parse(length), CALENDAR, count).due == on(falls)


# Hours


@pytest.mark.parametrize(
    ("start", "ends", "in_london"),
    [
        ("2026-12-10T14:30:00+00:00", "2026-12-12T14:30:00+00:00", "2026-12-12T14:30:00+00:00"),
        ("2027-03-27T12:00:00+00:00", "2027-03-29T12:00:00+00:00", "2027-03-29T13:00:00+01:00"),
        ("2027-10-30T12:00:00+01:00", "2027-11-01T11:00:00+00:00", "2027-11-01T11:00:00+00:00"),
    ],
)
def test_hours_are_hours_through_both_nights_the_clocks_change(start, ends, in_london):
    workings = due(at(start), TWO_DAYS_IN_HOURS, CALENDAR)

    assert workings.due == at(ends)
    assert workings.to_json()["due"] == in_london
    assert workings.day_one is None
    assert workings.to_json()["day_1"] is None


def test_hours_from_a_london_time_are_not_wall_clock_hours():
    saturday_noon = to_london(at("2027-03-27T12:00:00+00:00"))

    assert due(saturday_noon, TWO_DAYS_IN_HOURS, CALENDAR).due == at("2027-03-29T12:00:00+00:00")


def test_hours_from_a_day_without_a_time_count_from_its_first_minute():
    workings = due(on("2026-07-10"), TWO_DAYS_IN_HOURS, CALENDAR)

    assert workings.due == at("2026-07-12T00:00:00+01:00")
    assert (
        workings.rule
        == "48 hours from 00:00 on Friday 10 July 2026, the start of the day, as no time is known."
    )
    assert workings.due_on == on("2026-07-12")
    assert workings.last_working_day == on("2026-07-10")


def test_hours_count_back():
    workings = due_before(at("2027-10-31T12:00:00+00:00"), TWO_DAYS_IN_HOURS, CALENDAR)

    assert workings.due == at("2027-10-29T13:00:00+01:00")
    assert workings.rule == "48 hours before 12:00 on Sunday 31 October 2027."


# London


def test_midnight_in_london_comes_an_hour_before_utc_in_summer():
    assert london_date(at("2026-07-14T22:59:59+00:00")) == on("2026-07-14")
    assert london_date(at("2026-07-14T23:00:00+00:00")) == on("2026-07-15")
    assert london_date(at("2026-12-14T23:59:59+00:00")) == on("2026-12-14")


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="does not say its time zone"):
        london_date(datetime(2026, 7, 14, 12))  # noqa: DTZ001 - the fault this test is about


def test_a_london_time_becomes_a_moment():
    assert from_london(at("2026-07-14T12:00")) == at("2026-07-14T11:00:00+00:00")
    assert from_london(at("2027-10-31T01:30")) == at("2027-10-31T00:30:00+00:00")


def test_a_time_the_spring_change_leaves_out_is_refused():
    with pytest.raises(ValueError, match="There was no 01:30 on Sunday 28 March 2027"):
        from_london(at("2027-03-28T01:30"))


# Counting


@pytest.mark.parametrize(
    ("today", "day_after", "same_day"),
    [
        ("2026-12-09", 0, 0),
        ("2026-12-10", 0, 1),
        ("2026-12-11", 1, 2),
        ("2026-12-12", 1, 2),
        ("2026-12-13", 1, 2),
        ("2026-12-14", 2, 3),
        ("2026-12-28", 10, 11),
        ("2027-01-05", 15, 16),
        ("2027-01-06", 16, 17),
    ],
)
def test_which_day_of_the_fifteen_it_is(today, day_after, same_day):
    notified = on("2026-12-10")

    assert working_day_number(notified, on(today), CALENDAR) == day_after
    assert working_day_number(notified, on(today), CALENDAR, "same_day") == same_day


def test_the_day_number_takes_moments_as_london_days():
    notified = at("2026-07-14T23:30:00+00:00")

    assert working_day_number(notified, at("2026-07-15T23:30:00+00:00"), CALENDAR) == 1


def test_the_last_safe_day_of_each_milestone():
    notified = on("2026-12-10")

    days = {number: last_safe_day(notified, number, CALENDAR) for number in (0, 1, 8, 10, 15)}

    assert days == {
        0: notified,
        1: on("2026-12-11"),
        8: on("2026-12-22"),
        10: on("2026-12-24"),
        15: on("2027-01-05"),
    }
    assert last_safe_day(notified, 1, CALENDAR, "same_day") == notified


@pytest.mark.parametrize(
    ("expected", "last_safe", "spare"),
    [
        ("2026-12-18", "2026-12-24", 4),
        ("2026-12-24", "2026-12-24", 0),
        ("2026-12-24", "2026-12-28", 0),
        ("2026-12-26", "2026-12-24", -1),
        ("2026-12-29", "2026-12-24", -1),
        ("2027-01-04", "2026-12-24", -4),
    ],
)
def test_slack_is_below_nought_as_soon_as_it_is_gone(expected, last_safe, spare):
    assert slack(on(expected), on(last_safe), CALENDAR) == spare


def test_working_days_between_two_days():
    assert working_days_between(on("2026-12-10"), on("2027-01-05"), CALENDAR) == 15
    assert working_days_between(on("2027-01-05"), on("2026-12-10"), CALENDAR) == -15
    assert working_days_between(on("2026-12-26"), on("2026-12-28"), CALENDAR) == 0


def test_the_working_days_around_christmas():
    assert next_working_day(on("2026-12-24"), CALENDAR) == on("2026-12-29")
    assert working_day_on_or_after(on("2026-12-24"), CALENDAR) == on("2026-12-24")
    assert working_day_on_or_after(on("2026-12-25"), CALENDAR) == on("2026-12-29")
    assert working_day_on_or_before(on("2026-12-28"), CALENDAR) == on("2026-12-24")
    assert add_working_days(on("2026-12-29"), -1, CALENDAR) == on("2026-12-24")
    assert add_working_days(on("2026-12-26"), 0, CALENDAR) == on("2026-12-26")


# The end of what is known


@pytest.mark.parametrize(
    "refused",
    [
        lambda: due(on("2028-12-07"), FIFTEEN, CALENDAR),
        lambda: due(on("2017-12-29"), FIFTEEN, CALENDAR),
        lambda: due(on("2029-01-02"), FIFTEEN, CALENDAR),
        lambda: due(on("2028-08-01"), SIX_MONTHS, CALENDAR),
        lambda: due(on("2028-08-01"), Length.parse("9999 years"), CALENDAR),
        lambda: due(on("2028-12-30"), Length.parse("5 days"), CALENDAR),
        lambda: due(on("2028-12-30"), TWO_DAYS_IN_HOURS, CALENDAR),
        lambda: due(on("2030-06-01"), TWO_DAYS_IN_HOURS, CALENDAR),
        lambda: due_before(on("2018-01-08"), FIFTEEN, CALENDAR),
        lambda: due_before(on("2018-01-08"), Length.parse("9999 months"), CALENDAR),
        lambda: due_before(on("2018-01-08"), Length.parse("9999 weeks"), CALENDAR),
        lambda: is_working_day(on("2029-01-02"), CALENDAR),
        lambda: working_day_number(on("2028-12-08"), on("2029-01-02"), CALENDAR),
        lambda: working_day_number(on("2017-12-08"), on("2018-01-02"), CALENDAR),
        lambda: working_days_between(on("2028-12-08"), on("2029-01-02"), CALENDAR),
        lambda: working_day_on_or_before(on("2018-01-01"), CALENDAR),
        lambda: working_day_on_or_after(on("2028-12-30"), CALENDAR),
    ],
)
def test_past_the_known_years_there_is_no_guess(refused):
    with pytest.raises(CalendarEnds, match="known from 2018 to 2028, so we cannot count to"):
        refused()


def test_the_refusal_says_how_far_was_asked():
    with pytest.raises(CalendarEnds, match="working day 15 from Friday 8 December 2028"):
        due(on("2028-12-08"), FIFTEEN, CALENDAR)


def test_the_last_known_days_still_count():
    assert due(on("2028-12-06"), FIFTEEN, CALENDAR).due == on("2028-12-29")


# Any day


DAYS = st.dates(min_value=date(2018, 2, 1), max_value=date(2028, 10, 1))
NUMBERS = st.integers(min_value=1, max_value=20)
OTHER_SOURCE = holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2029))


def walked(day: date, number: int, step: int) -> date:
    while number:
        day += timedelta(step)
        number -= day.weekday() < 5 and day not in OTHER_SOURCE
    return day


@settings(max_examples=200, deadline=None)
@given(day=DAYS, number=NUMBERS)
def test_adding_agrees_with_walking_day_by_day(day, number):
    assert add_working_days(day, number, CALENDAR) == walked(day, number, 1)
    assert add_working_days(day, -number, CALENDAR) == walked(day, number, -1)


@settings(max_examples=100, deadline=None)
@given(day=DAYS, number=NUMBERS, count=st.sampled_from(["day_after", "same_day"]))
def test_a_due_date_and_the_day_number_agree(day, number, count):
    workings = due(day, Length(number, Unit.WORKING_DAY), CALENDAR, count)

    assert working_day_number(day, workings.due, CALENDAR, count) == number
    assert working_day_number(day, workings.day_one, CALENDAR, count) == 1
    assert last_safe_day(day, number, CALENDAR, count) == workings.due == workings.last_working_day
    span = (workings.due - workings.day_one).days + 1
    assert span == number + len([left for left, _ in workings.left_out if left > workings.day_one])


@settings(max_examples=100, deadline=None)
@given(day=DAYS, number=NUMBERS)
def test_there_and_back_is_the_same_day(day, number):
    start = working_day_on_or_after(day, CALENDAR)

    there = due(start, Length(number, Unit.WORKING_DAY), CALENDAR).due

    assert due_before(there, Length(number, Unit.WORKING_DAY), CALENDAR).due == start
    assert working_days_between(start, there, CALENDAR) == number


@settings(max_examples=100, deadline=None)
@given(
    start=st.datetimes(min_value=datetime(2018, 2, 1), max_value=datetime(2028, 10, 1)),  # noqa: DTZ001 - zone below
    offset=st.integers(min_value=-12, max_value=12),
    hours=st.integers(min_value=1, max_value=200),
)
def test_hours_pass_alike_in_every_zone(start, offset, hours):
    moment = start.replace(tzinfo=timezone(timedelta(hours=offset)))

    reached = due(moment, Length(hours, Unit.HOUR), CALENDAR).due

    assert reached.tzinfo is UTC
    assert (reached - moment) == timedelta(hours=hours)


def test_a_calendar_for_other_years_can_be_made():
    only_2030 = Calendar("trial", {on("2030-01-01"): "New Year's Day"}, 2030, 2030)

    assert due(on("2030-01-01"), Length.parse("1 working day"), only_2030, "same_day").due == on("2030-01-02")
