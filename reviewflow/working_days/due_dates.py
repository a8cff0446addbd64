"""Due dates, forwards and backwards, with the workings shown."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from reviewflow.working_days.calendars import Calendar
from reviewflow.working_days.counting import nth_working_day, working_day_on_or_before
from reviewflow.working_days.lengths import Count, Length, Unit
from reviewflow.working_days.london import day_of, from_london, in_words, london_date, to_london


@dataclass(frozen=True)
class Workings:
    """A due date and how it was reached.

    `start` and `due` are days, or for hours moments in UTC. `last_working_day` is the practical target: the
    due day, or the last working day before it. `day_one` is None for hours, which count from the moment.
    """

    start: date | datetime
    length: Length
    count: Count
    rule: str
    day_one: date | None
    due: date | datetime
    left_out: tuple[tuple[date, str], ...]
    last_working_day: date
    calendar_version: str
    counted_back: bool

    @property
    def due_on(self) -> date:
        """The London day it is due."""
        return day_of(self.due)

    def to_json(self) -> dict[str, Any]:
        """The workings as plain values; moments as London times with their offset."""
        return {
            "from": _iso(self.start),
            "length": str(self.length),
            "count": str(self.count),
            "before": self.counted_back,
            "rule": self.rule,
            "due": _iso(self.due),
            "due_weekday": f"{self.due_on:%A}",
            "day_1": self.day_one and self.day_one.isoformat(),
            "last_working_day": self.last_working_day.isoformat(),
            "left_out": [
                {"date": day.isoformat(), "weekday": f"{day:%A}", "reason": reason}
                for day, reason in self.left_out
            ],
            "calendar_version": self.calendar_version,
        }


def due(start: date | datetime, length: Length, calendar: Calendar, count: str = Count.DAY_AFTER) -> Workings:
    """When a length that counts from `start` is due. Raises CalendarEnds.

    Of a moment, the London day counts. Months end on the same day of the month, or on the month's last day.
    """
    return _workings(start, length, calendar, Count.parse(count), back=False)


def due_before(
    planned: date | datetime, length: Length, calendar: Calendar, count: str = Count.DAY_AFTER
) -> Workings:
    """When something owed that long before `planned` is due. Raises CalendarEnds."""
    return _workings(planned, length, calendar, Count.parse(count), back=True)


def _workings(
    start: date | datetime, length: Length, calendar: Calendar, count: Count, back: bool
) -> Workings:
    if length.unit is Unit.HOUR:
        return _hours(start, length, calendar, count, back)
    first = day_of(start)
    calendar.require(first)
    left_out: tuple[tuple[date, str], ...] = ()
    if length.unit is Unit.WORKING_DAY:
        day_one = nth_working_day(first, 1, calendar, count, back)
        due_on = nth_working_day(first, length.number, calendar, count, back)
        left_out = _left_out(first, due_on, calendar, count)
    else:
        day_one = first if count is Count.SAME_DAY else first + timedelta(-1 if back else 1)
        due_on = _by_the_calendar(first, length, calendar, count, back)
    return Workings(
        start=first,
        length=length,
        count=count,
        rule=_rule(length, in_words(first), count, back),
        day_one=day_one,
        due=due_on,
        left_out=left_out,
        last_working_day=working_day_on_or_before(due_on, calendar),
        calendar_version=calendar.version,
        counted_back=back,
    )


def _left_out(start: date, due_on: date, calendar: Calendar, count: Count) -> tuple[tuple[date, str], ...]:
    """The days passed over on the way, in order; the start only where it would have counted."""
    early, late = min(start, due_on), max(start, due_on)
    passed = (early + timedelta(days) for days in range((late - early).days + 1))
    return tuple(
        (day, reason)
        for day in passed
        if (reason := calendar.reason(day)) and (day != start or count is Count.SAME_DAY)
    )


def _by_the_calendar(start: date, length: Length, calendar: Calendar, count: Count, back: bool) -> date:
    """Days, weeks, months and years as the calendar on the wall counts them, every day included."""
    sign = -1 if back else 1
    # Where the start is itself counted, the period is over one day sooner.
    sooner = timedelta(sign if count is Count.SAME_DAY else 0)
    if length.unit in (Unit.DAY, Unit.WEEK):
        days = length.number * (7 if length.unit is Unit.WEEK else 1)
        return start + timedelta(sign * days) - sooner
    months = length.number * (12 if length.unit is Unit.YEAR else 1)
    year, month = divmod(start.year * 12 + start.month - 1 + sign * months, 12)
    if not calendar.first_year <= year <= calendar.last_year:
        raise calendar.ends(f"{length} {'before' if back else 'from'} {in_words(start)}")
    month_end = monthrange(year, month + 1)[1]
    if start.day > month_end and not back:
        return date(year, month + 1, month_end)  # the month is over, whichever day counted first
    return date(year, month + 1, min(start.day, month_end)) - sooner


def _hours(start: date | datetime, length: Length, calendar: Calendar, count: Count, back: bool) -> Workings:
    """Hours as they pass, day and night, through a change of the clocks as well.

    Of a day without a time, its first minute counts: the limit can only be kept too early, never missed.
    """
    known = isinstance(start, datetime)
    moment = start if isinstance(start, datetime) else from_london(datetime.combine(start, time()))
    here = to_london(moment)
    calendar.require(here.date())
    due_at = moment.astimezone(UTC) + timedelta(hours=-length.number if back else length.number)
    since = (
        f"{here:%H:%M} on {in_words(here)}{'' if known else ', the start of the day, as no time is known'}"
    )
    return Workings(
        start=moment.astimezone(UTC),
        length=length,
        count=count,
        rule=f"{length} {'before' if back else 'from'} {since}.",
        day_one=None,
        due=due_at,
        left_out=(),
        last_working_day=working_day_on_or_before(london_date(due_at), calendar),
        calendar_version=calendar.version,
        counted_back=back,
    )


def _rule(length: Length, start: str, count: Count, back: bool) -> str:
    counted = "counted as the first day" if count is Count.SAME_DAY else "not counted"
    return f"{length} {'before' if back else 'from'} {start}, that day {counted}."


def _iso(when: date | datetime) -> str:
    return to_london(when).isoformat() if isinstance(when, datetime) else when.isoformat()
