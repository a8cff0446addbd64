"""Adding and counting working days on a calendar."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime

from reviewflow.working_days.calendars import Calendar
from reviewflow.working_days.lengths import Count
from reviewflow.working_days.london import day_of, in_words


def is_working_day(on: date, calendar: Calendar) -> bool:
    """Monday to Friday and no holiday. Raises CalendarEnds."""
    calendar.require(on)
    return calendar.reason(on) is None


def nth_working_day(start: date, number: int, calendar: Calendar, count: Count, back: bool = False) -> date:
    """Working day `number` after the start, or before it when counting back."""
    calendar.require(start)
    days = calendar.working_days
    # The start's own place in the list: on which side of it we stand says whether it is counted.
    place = bisect_right if back == (count is Count.SAME_DAY) else bisect_left
    index = place(days, start) - number if back else place(days, start) + number - 1
    if not 0 <= index < len(days):
        far = f"working day {number} {'before' if back else 'from'} {in_words(start)}"
        raise calendar.ends(far)
    return days[index]


def add_working_days(day: date, number: int, calendar: Calendar) -> date:
    """The working day that many after `day`, or before it if negative; 0 is the day. Raises CalendarEnds."""
    if number == 0:
        return day
    return nth_working_day(day, abs(number), calendar, Count.DAY_AFTER, back=number < 0)


def next_working_day(day: date, calendar: Calendar) -> date:
    """The first working day after `day`. Raises CalendarEnds."""
    return add_working_days(day, 1, calendar)


def working_day_on_or_after(day: date, calendar: Calendar) -> date:
    """The day itself if we work on it, or the next one we do. Raises CalendarEnds."""
    return nth_working_day(day, 1, calendar, Count.SAME_DAY)


def working_day_on_or_before(day: date, calendar: Calendar) -> date:
    """The day itself if we work on it, or the last one before it. Raises CalendarEnds."""
    return nth_working_day(day, 1, calendar, Count.SAME_DAY, back=True)


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """The working days after `start` up to and including `end`; negative when `end` is earlier."""
    calendar.require(start)
    calendar.require(end)
    days = calendar.working_days
    return bisect_right(days, end) - bisect_right(days, start)


def working_day_number(
    start: date | datetime, on: date | datetime, calendar: Calendar, count: str = Count.DAY_AFTER
) -> int:
    """The n of "day n of 15" on that day; a weekend has the number of the working day before it.

    0 on the start itself (unless it is counted) and before it. Raises CalendarEnds.
    """
    first, today = day_of(start), day_of(on)
    calendar.require(first)
    calendar.require(today)
    place = bisect_left if Count.parse(count) is Count.SAME_DAY else bisect_right
    days = calendar.working_days
    return max(0, bisect_right(days, today) - place(days, first))


def last_safe_day(
    start: date | datetime, number: int, calendar: Calendar, count: str = Count.DAY_AFTER
) -> date:
    """The date of working day `number`: what is done later eats into what follows. Day 0 is the start."""
    first = day_of(start)
    return nth_working_day(first, number, calendar, Count.parse(count)) if number > 0 else first


def slack(expected: date, last_safe: date, calendar: Calendar) -> int:
    """The working days to spare when something arrives on `expected`; 0 is just in time, below 0 is too late.

    What comes on a day nobody works is seen on the next working day. Raises CalendarEnds.
    """
    seen = working_day_on_or_after(expected, calendar)
    return working_days_between(seen, working_day_on_or_before(last_safe, calendar), calendar)
