"""What people typed, read into dates, times, numbers and clean text, or refused in a sentence."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_KEPT_CONTROLS = frozenset("\n\t")
# Embeddings, overrides and isolates make a line read differently from what it says.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?\s*([ap]\.?m\.?)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,63}")


class Unreadable(ValueError):
    """What was typed cannot be used; the message says why and what to do."""


def visible(text: str) -> str:
    """`text` in one normal form, one kind of line ending, no hidden characters, nothing blank at its end."""
    kept = "".join(c for c in _one_form(text) if not _is_hidden(c))
    return unicodedata.normalize("NFC", kept).rstrip()


def refuse_hidden(text: str, what: str) -> None:
    """Raises Unreadable when `text` holds a control character or one that changes the reading order."""
    whole = _one_form(text)
    at = next((place for place, c in enumerate(whole) if _is_hidden(c)), None)
    if at is None:
        return
    before = visible(whole[max(0, at - 30) : at])
    where = f" after “{before[-24:].strip()}”" if before.strip() else ""
    raise Unreadable(
        f"{what} had a hidden character{where}. We have taken it out. Check the text and send it again"
    )


def _one_form(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _is_hidden(character: str) -> bool:
    if character in _KEPT_CONTROLS:
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or character in _REORDERING


def read_date(day: str, month: str, year: str, what: str) -> date:
    """The date in three typed parts; the month may be a name. Raises Unreadable."""
    blank = [name for name, part in (("day", day), ("month", month), ("year", year)) if not part.strip()]
    if blank:
        raise Unreadable(f"{what} must include a {' and a '.join(blank)}")
    number = _month_number(month.strip())
    if not re.fullmatch(r"[0-9]{1,2}", day.strip()) or number is None:
        raise Unreadable(f"{what} must be a real date, such as 27 3 2026")
    if not re.fullmatch(r"[0-9]{4}", year.strip()):
        raise Unreadable(f"{what} must have a year of four numbers, such as 2026")
    if not 1850 <= int(year) <= 2150:
        raise Unreadable(f"{what} must have a year between 1850 and 2150")
    return _real_date(int(day), number, int(year), what)


def _real_date(day: int, month: int, year: int, what: str) -> date:
    if not 1 <= month <= 12:
        raise Unreadable(f"{what} must be a real date: there are 12 months")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise Unreadable(f"{what} must be a real date: {MONTHS[month - 1]} {year} has {last} days")
    return date(year, month, day)


def _month_number(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text)
    names = [number for number, name in enumerate(MONTHS, 1) if _names_month(text.lower(), name.lower())]
    return names[0] if len(names) == 1 else None


def _names_month(text: str, month: str) -> bool:
    return len(text) >= 3 and month.startswith(text)


def read_time(text: str, what: str) -> time:
    """The time of day in `text`: 14:05, 2:05pm, 2pm, midday or midnight. Raises Unreadable."""
    typed = text.strip().lower()
    if typed in ("midday", "noon"):
        return time(12, 0)
    if typed == "midnight":
        return time(0, 0)
    found = _TIME.fullmatch(typed)
    if not found or (found[2] is None and found[3] is None):
        raise Unreadable(f"{what} must be a time, such as 14:05 or 2:05pm")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            raise Unreadable(f"{what} must be a real time, such as 14:05 or 2:05pm")
        hour = hour % 12 + (12 if found[3].startswith("p") else 0)
    if hour > 23 or minute > 59:
        raise Unreadable(f"{what} must be a real time, between 00:00 and 23:59")
    return time(hour, minute)


def london_instant(day: date, at: time, what: str) -> datetime:
    """The UTC instant of a London wall-clock time; the first one where an hour comes twice.

    Raises Unreadable for a time that the clocks skipped.
    """
    wall = datetime.combine(day, at, tzinfo=LONDON)
    instant = wall.astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise Unreadable(f"{what} did not exist: the clocks went forward that night, from 1am to 2am")
    return instant


def read_whole_number(text: str, what: str, least: int, most: int) -> int:
    """The whole number in `text`, between `least` and `most`. Raises Unreadable."""
    typed = text.strip().replace(",", "")
    if not re.fullmatch(r"-?[0-9]{1,12}", typed):
        raise Unreadable(f"{what} must be a whole number, such as {max(least, 1)}")
    if not least <= int(typed) <= most:
        raise Unreadable(f"{what} must be between {least:,} and {most:,}")
    return int(typed)


def read_email(text: str, what: str) -> str:
    """The address in `text`. Raises Unreadable."""
    typed = text.strip()
    if len(typed) > 254 or ".." in typed or not _EMAIL.fullmatch(typed):
        raise Unreadable(f"{what} must be an email address, such as name@example.org")
    return typed
