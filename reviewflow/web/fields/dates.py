"""Questions answered with a day, a time of day, or both."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from markupsafe import Markup
from wtforms.validators import ValidationError

from reviewflow.web.fields.question import Params, Question, govuk, today_of
from reviewflow.web.fields.texts import TextField
from reviewflow.web.typed import LONDON, Unreadable, london_instant, read_date, read_time


class TimeField(TextField):
    """A time of day, read from 14:05 as well as 2:05pm."""

    def __init__(self, label: str, validators: Any = None, **kw: Any):
        super().__init__(label, validators, width=kw.pop("width", "5"), **kw)

    def read(self) -> time:
        """The time."""
        return read_time(self.typed[""], self.called)

    def take(self, stored: Any) -> None:
        """Show a time, or the text of one."""
        self.data = time.fromisoformat(stored) if isinstance(stored, str) and stored else stored or None
        self.typed = {"": self.answer or ""}

    @property
    def answer(self) -> str | None:
        """The time as 14:05."""
        return f"{self.data:%H:%M}" if self.data else None


class DateField(Question):
    """A day, month and year in three inputs.

    `future=False` refuses days after today, `past=False` days before it.
    """

    suffixes: ClassVar[tuple[str, ...]] = ("-day", "-month", "-year")

    def __init__(
        self, label: str, validators: Any = None, *, future: bool = True, past: bool = True, **kw: Any
    ):
        kw.setdefault("hint", "For example, 27 3 2026")
        super().__init__(label, validators, **kw)
        self.future = future
        self.past = past

    def read(self) -> date:
        """The date."""
        day, month, year = (self.typed[suffix] for suffix in DateField.suffixes)
        try:
            return read_date(day, month, year, self.called)
        except Unreadable:
            self.fault = next((s for s in DateField.suffixes if not self.typed[s].strip()), "-day")
            raise

    def take(self, stored: Any) -> None:
        """Show a date, or the ISO text of one."""
        self.data = date.fromisoformat(stored) if isinstance(stored, str) and stored else stored or None
        self.typed = _date_parts(self.data)

    @property
    def answer(self) -> str | None:
        """The date as 2026-12-10."""
        return self.data.isoformat() if self.data else None

    def check(self, form: Any) -> None:
        """Refuse a day on the wrong side of today."""
        if not self.future and self.data > today_of(form):
            raise ValidationError(f"{self.called} must be today or in the past")
        if not self.past and self.data < today_of(form):
            raise ValidationError(f"{self.called} must be today or in the future")

    def render(self, **kw: Any) -> Markup:
        """Three inputs in a group."""
        return govuk("date-input", "govukDateInput", self.group_words() | {"items": self.date_items()} | kw)

    def date_items(self) -> list[Params]:
        """The three inputs, those at fault marked."""
        return [
            self._part("-day", "Day", "2"),
            self._part("-month", "Month", "2"),
            self._part("-year", "Year", "4"),
        ]

    def _part(self, suffix: str, label: str, width: str) -> Params:
        whole = not any(not self.typed[s].strip() for s in DateField.suffixes) or self.is_blank
        wrong = bool(self.errors) and (whole or not self.typed[suffix].strip())
        return {
            "name": f"{self.name}{suffix}",
            "id": f"{self.id}{suffix}",
            "label": label,
            "value": self.typed[suffix].replace("\n", " "),
            "classes": f"govuk-input--width-{width}" + (" govuk-input--error" if wrong else ""),
        }


class DateTimeField(DateField):
    """A day and a time of day in London; `data` is the instant in UTC."""

    suffixes = ("-day", "-month", "-year", "-time")

    def __init__(self, label: str, validators: Any = None, **kw: Any):
        kw.setdefault("hint", "For example, 27 3 2026 at 14:05")
        super().__init__(label, validators, **kw)

    def read(self) -> Any:
        """The instant."""
        day = super().read()
        self.fault = "-time"
        if not self.typed["-time"].strip():
            raise Unreadable(f"{self.called} must include a time, such as 14:05")
        instant = london_instant(day, read_time(self.typed["-time"], self.called), self.called)
        self.fault = "-day"
        return instant

    def take(self, stored: Any) -> None:
        """Show an instant, or the ISO text of one, as the clock in London showed it."""
        self.data = datetime.fromisoformat(stored) if isinstance(stored, str) and stored else stored or None
        local = self.data.astimezone(LONDON) if self.data else None
        self.typed = _date_parts(local) | {"-time": f"{local:%H:%M}" if local else ""}

    @property
    def answer(self) -> str | None:
        """The instant as ISO text in UTC."""
        return self.data.astimezone(UTC).isoformat() if self.data else None

    def check(self, form: Any) -> None:
        """Refuse an instant on the wrong side of now."""
        if not self.future and self.data > form.now:
            raise ValidationError(f"{self.called} must be now or in the past")
        if not self.past and self.data < form.now:
            raise ValidationError(f"{self.called} must be now or in the future")

    def date_items(self) -> list[Params]:
        """The date's inputs and one for the time."""
        wrong = bool(self.errors) and (self.fault == "-time" or self.is_blank)
        box = {"name": f"{self.name}-time", "id": f"{self.id}-time", "label": "Time", "inputmode": "text"}
        box |= {"value": self.typed["-time"].replace("\n", " ")}
        box |= {"classes": "govuk-input--width-5" + (" govuk-input--error" if wrong else "")}
        return [*super().date_items(), box]


def _date_parts(day: date | None) -> dict[str, str]:
    if day is None:
        return dict.fromkeys(DateTimeField.suffixes, "")
    return {"-day": str(day.day), "-month": str(day.month), "-year": str(day.year)}
