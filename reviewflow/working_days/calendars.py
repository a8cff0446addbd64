"""Calendars: which days of which years are bank holidays, and why a day is left out."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType

from reviewflow.working_days.london import in_words


class CalendarEnds(ValueError):
    """The count would need a year whose bank holidays are not known."""


@dataclass(frozen=True)
class Calendar:
    """Which days are bank holidays, for whole years, under a version that changes whenever they do.

    `closed` are a partnership's own closed days: they move its local targets and never a national limit.
    """

    version: str
    holidays: Mapping[date, str] = field(hash=False)
    first_year: int
    last_year: int
    closed: Mapping[date, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("holidays", "closed"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for day in (*self.holidays, *self.closed):
            self.require(day)

    def require(self, day: date) -> None:
        """Raises CalendarEnds when the bank holidays of that day's year are not known."""
        if not self.first_year <= day.year <= self.last_year:
            raise self.ends(in_words(day))

    def ends(self, reaching: str) -> CalendarEnds:
        """The refusal to count as far as that."""
        return CalendarEnds(
            f"The bank holidays are known from {self.first_year} to {self.last_year}, so we cannot count to"
            f" {reaching}. Ask an administrator to add the missing bank holidays."
        )

    def reason(self, day: date) -> str | None:
        """Why this is no working day: Saturday, Sunday or the name of the holiday; None for a working day."""
        if day.weekday() >= 5:
            return f"{day:%A}"
        return self.holidays.get(day) or self.closed.get(day)

    @cached_property
    def working_days(self) -> tuple[date, ...]:
        """Every working day of the known years, in order: counting is then two look-ups."""
        first = date(self.first_year, 1, 1)
        length = (date(self.last_year, 12, 31) - first).days + 1
        every_day = (first + timedelta(days) for days in range(length))
        return tuple(day for day in every_day if self.reason(day) is None)

    def with_holiday(self, on: date, name: str) -> "Calendar":
        """This calendar with one more bank holiday, proclaimed after the table was made.

        Its version names the day. Raises ValueError when that day is a bank holiday already, CalendarEnds
        outside the known years.
        """
        if on in self.holidays:
            raise ValueError(f"{in_words(on)} is a bank holiday already: {self.holidays[on]}.")
        if not name.strip():
            raise ValueError(f"Give the bank holiday on {in_words(on)} a name.")
        holidays = {**self.holidays, on: name.strip()}
        version = _next_version(self.version, on.isoformat())
        return Calendar(version, holidays, self.first_year, self.last_year, self.closed)

    def with_closed_days(self, closed: Mapping[date, str]) -> "Calendar":
        """This calendar for local targets only: the partnership's own closed days are left out as well."""
        days = ",".join(day.isoformat() for day in sorted(closed))
        version = _next_version(self.version, f"closed-{hashlib.sha256(days.encode()).hexdigest()[:8]}")
        return Calendar(version, self.holidays, self.first_year, self.last_year, {**self.closed, **closed})


def _next_version(version: str, added: str) -> str:
    """Sorted, so that two holidays added in either order make the same calendar."""
    shipped, *additions = version.split("+")
    return "+".join((shipped, *sorted((*additions, added))))


@cache
def shipped_calendar() -> Calendar:
    """The bank holidays of England and Wales as they were known when this version was made."""
    text = resources.files("reviewflow").joinpath("bank_holidays.csv").read_text(encoding="utf-8")
    holidays = {date.fromisoformat(row["date"]): row["name"] for row in csv.DictReader(text.splitlines())}
    first, last = min(holidays).year, max(holidays).year
    return Calendar(f"england-and-wales-{first}-{last}", holidays, first, last)
