"""Several answers of the same kind, such as the rows of a chronology; needs no JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from wtforms import Form
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from reviewflow.web.fields.question import Question, macro_html, refuse_names

HIGHEST_ROW = 999


class RowForm(Form):  # type: ignore[misc] # WTForms publishes no types
    """The questions of one row."""

    now: datetime
    today: date
    index: int

    def __init_subclass__(cls) -> None:
        """Raises TypeError for a question whose name a row needs for itself."""
        refuse_names(cls, frozenset(dir(RowForm)) | {"now", "today", "index", "form_errors"})

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in this row."""
        return all(field.is_blank for field in self if field.is_answer)

    def answers(self) -> dict[str, Any]:
        """What the row says, fit for JSON."""
        return {field.short_name: field.answer for field in self if field.is_answer}


class RowsField(Question):
    """From `least` to `most` rows of `row_form`, each called `one` ("event", "action") and numbered.

    Blank rows are ignored. "Add another" and "Remove" are submit buttons named `then`; they save nothing
    and lose nothing. `data` is a list of dictionaries of values, `answer` the same for JSON.
    """

    def __init__(
        self,
        row_form: type[RowForm],
        label: str,
        validators: Any = None,
        *,
        one: str,
        least: int = 0,
        most: int = 200,
        start: int = 1,
        **kw: Any,
    ):
        kw.setdefault("required", least > 0)
        kw.setdefault("missing", f"Add at least one {one}")
        super().__init__(label, validators, **kw)
        self.row_form = row_form
        self.one = one
        self.least = least
        self.most = most
        self.start = max(start, least, 1)
        self.rows: list[RowForm] = []

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Take every row that was sent, in order, or the stored rows; and blank ones to begin with."""
        self.process_errors = []
        if formdata is not None:
            self.rows = [self._row(index, formdata) for index in self._indexes(formdata)]
        else:
            stored = [] if data is unset_value else list(data or [])
            self.rows = [self._row(index, stored=row) for index, row in enumerate(stored)]
        self._fill_up()

    def _fill_up(self) -> None:
        while len(self.rows) < self.start and self.can_add:
            self.add()

    def _indexes(self, formdata: Any) -> list[int]:
        pattern = re.compile(re.escape(self.name) + r"-(0|[1-9][0-9]{0,2})-")
        found = (pattern.match(key) for key in formdata)
        return sorted({int(match[1]) for match in found if match})

    def _row(self, index: int, formdata: Any = None, stored: Any = None) -> RowForm:
        row = self.row_form(formdata=formdata, prefix=f"{self.name}-{index}-", data=stored)
        row.index = index
        return row

    @property
    def can_add(self) -> bool:
        """Whether there is room for another row."""
        return not self.rows or (len(self.rows) < self.most and self.rows[-1].index < HIGHEST_ROW)

    def add(self) -> None:
        """One blank row at the end, where there is room."""
        if self.can_add:
            self.rows.append(self._row(self.rows[-1].index + 1 if self.rows else 0))

    def remove(self, index: int) -> None:
        """The row with this number is gone; a blank one takes its place if none is left."""
        self.rows = [row for row in self.rows if row.index != index]
        self._fill_up()

    @property
    def filled(self) -> list[RowForm]:
        """The rows in which something was typed."""
        return [row for row in self.rows if not row.is_blank]

    @property
    def is_blank(self) -> bool:
        """Whether every row is blank."""
        return not self.filled

    @property
    def data(self) -> list[dict[str, Any]]:
        """The values of each row."""
        return [row.data for row in self.filled]

    @data.setter
    def data(self, value: Any) -> None:
        """Nothing: the rows hold the values."""

    @property
    def answer(self) -> list[dict[str, Any]]:
        """The answers of each row."""
        return [row.answers() for row in self.filled]

    def check(self, form: Any) -> None:
        """Validate each row that is not blank, and count them."""
        if len(self.filled) < self.least:
            raise StopValidation(f"{self.called}: give at least {self.least}")
        if len(self.filled) > self.most:
            raise StopValidation(f"{self.called}: give at most {self.most:,}. There are {len(self.filled):,}")
        for row in self.filled:
            row.now, row.today = form.now, form.today
        verdicts = [row.validate() for row in self.filled]  # every one, so that every error shows
        if not all(verdicts):
            raise StopValidation(f"{self.called}: put right what is marked below")

    def input_names(self) -> Iterator[tuple[str, bool]]:
        """The names in every row."""
        for row in self.rows:
            for field in row:
                yield from field.input_names()

    def sent_again(self) -> dict[str, list[str]]:
        """Every row as typed."""
        return {
            name: texts for row in self.rows for field in row for name, texts in field.sent_again().items()
        }

    def error_links(self) -> list[tuple[str, str]]:
        """The errors of the rows, each saying which row; else those of the whole."""
        inside = [
            (f"{self.one.capitalize()} {number}: {sentence}", target)
            for number, row in enumerate(self.rows, 1)
            for field in row
            for sentence, target in field.error_links()
        ]
        return inside or super().error_links()

    @property
    def focus_id(self) -> str:
        """The first input of the first row."""
        return str(next(iter(self.rows[0])).focus_id)

    def render(self, **kw: Any) -> Markup:  # noqa: ARG002
        """The rows, each in a group of its own, with the buttons to add and remove."""
        return macro_html("parts/inputs.html", "rows", self)
