"""Lengths as guidance publishes them, and the two ways to count."""

import re
from dataclasses import dataclass
from enum import StrEnum


class LengthUnclear(ValueError):
    """The words do not say how long."""


class Unit(StrEnum):
    """What a length is measured in."""

    WORKING_DAY = "working day"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    HOUR = "hour"


_LENGTH = re.compile(r"([0-9]{1,4}) ([a-z]+(?: [a-z]+)?)")
_EXAMPLES = "Write it like 15 working days, 5 days, 2 weeks, 6 months, 1 year or 48 hours."


@dataclass(frozen=True)
class Length:
    """A number of days, hours or months, in the unit it was published in."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.number < 1:
            raise LengthUnclear("A length has to be at least 1.")

    @classmethod
    def parse(cls, text: str) -> "Length":
        """`15 working days` as a length. Raises LengthUnclear with a sentence that says how to write it."""
        match = _LENGTH.fullmatch(" ".join(text.lower().split()))
        if match is None:
            raise LengthUnclear(f"“{text}” is not a length. {_EXAMPLES}")
        number, unit = match.groups()
        try:
            return cls(int(number), Unit(unit.removesuffix("s")))
        except LengthUnclear:
            raise
        except ValueError:
            raise LengthUnclear(f"“{unit}” is not a unit we count in. {_EXAMPLES}") from None

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"


class Count(StrEnum):
    """Whether the day counted from is day 0 or, where it is a working day, day 1."""

    DAY_AFTER = "day_after"
    SAME_DAY = "same_day"

    @classmethod
    def parse(cls, text: str) -> "Count":
        """Raises LengthUnclear for anything but the two ways to count."""
        try:
            return cls(text)
        except ValueError:
            raise LengthUnclear(f"We count from day_after or same_day, not from “{text}”.") from None
