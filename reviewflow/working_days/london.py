"""London time: which day it is, and which moment a London clock shows."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def to_london(moment: datetime) -> datetime:
    """The same moment as a London time, for showing; add and compare in UTC, where no hour comes twice."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} does not say its time zone.")
    return moment.astimezone(LONDON)


def from_london(wall: datetime) -> datetime:
    """The moment, in UTC, when London's clocks show `wall` (without a zone).

    An hour that comes twice means its first coming. Raises ValueError for one the spring change leaves out.
    """
    moment = wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != wall.replace(fold=0):
        raise ValueError(f"There was no {wall:%H:%M} on {in_words(wall)}: the clocks went forward.")
    return moment


def london_date(moment: datetime) -> date:
    """The day it is in London at that moment."""
    return to_london(moment).date()


def day_of(when: date | datetime) -> date:
    """A day as it is; a moment as its London day."""
    return london_date(when) if isinstance(when, datetime) else when


def in_words(day: date) -> str:
    """`Tuesday 5 January 2027`."""
    return f"{day:%A} {day.day} {day:%B %Y}"
