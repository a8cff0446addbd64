"""How dates, times and numbers read on a page."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from reviewflow.web.typed import LONDON, MONTHS, WEEKDAYS


def weekday_date(day: date) -> str:
    """Thursday 10 December 2026; of an instant, the day it was in London."""
    day = _london_day(day)
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Thu 10 Dec, for a box in a row of days; the day and its month stay on one line."""
    day = _london_day(day)
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day}\N{NO-BREAK SPACE}{MONTHS[day.month - 1][:3]}"


def london_time(moment: datetime) -> str:
    """2:05pm, midday, or midnight, by London's clock. A time without a zone is refused with ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time on a page must have a time zone")
    local = moment.astimezone(LONDON)
    if (local.hour, local.minute) in ((0, 0), (12, 0)):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def london_moment(moment: datetime) -> str:
    """Thursday 10 December 2026 at 2:05pm."""
    return f"{weekday_date(moment)} at {london_time(moment)}"


def _london_day(day: date) -> date:
    return day.astimezone(LONDON).date() if isinstance(day, datetime) else day


def register(app: Flask) -> None:
    """Every template of `app` knows these filters."""
    for name in (weekday_date, short_date, london_time, london_moment):
        app.add_template_filter(name)
