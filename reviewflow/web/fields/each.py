"""The same questions about each of several things, such as the criteria of an edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from reviewflow.web.fields.question import Question, macro_html
from reviewflow.web.fields.rows import RowForm


class EachField(Question):
    """`row_form` asked about each of `things`, which are names and the words people read.

    The things may be offered when the form is made: what was sent is read then. `data` and `answer` are a
    dictionary with the answers about each thing under its name.
    """

    def __init__(
        self,
        row_form: type[RowForm],
        label: str,
        things: Mapping[str, str] | None = None,
        validators: Any = None,
        **kw: Any,
    ):
        super().__init__(label, validators, **kw)
        self.row_form = row_form
        self.things: Mapping[str, str] = things or {}
        self.rows: dict[str, RowForm] = {}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Take what was sent, or the stored answers."""
        self.process_errors = []
        self._sent = formdata
        self._stored = {} if data is unset_value else dict(data or {})
        self.offer(self.things)

    def offer(self, things: Mapping[str, str]) -> None:
        """Afterwards these are the things that are asked about."""
        self.things = things
        self.rows = {
            name: self.row_form(
                formdata=self._sent, prefix=f"{self.name}-{name}-", data=self._stored.get(name)
            )
            for name in things
        }

    @property
    def is_blank(self) -> bool:
        """Never, while there is anything to ask about: each question says for itself what is missing."""
        return not self.rows

    @property
    def data(self) -> dict[str, Any]:
        """The values about each thing."""
        return {name: row.data for name, row in self.rows.items()}

    @data.setter
    def data(self, value: Any) -> None:
        """WTForms sets None before reading; the rows hold the values."""

    @property
    def answer(self) -> dict[str, Any]:
        """The answers about each thing."""
        return {name: row.answers() for name, row in self.rows.items()}

    def check(self, form: Any) -> None:
        """Every question about every thing, so that every error shows."""
        for row in self.rows.values():
            row.now, row.today = form.now, form.today
        verdicts = [row.validate() for row in self.rows.values()]
        if not all(verdicts):
            raise StopValidation(f"{self.called}: put right what is marked below")

    def input_names(self) -> Iterator[tuple[str, bool]]:
        """The names about each thing."""
        for row in self.rows.values():
            for field in row:
                yield from field.input_names()

    def sent_again(self) -> dict[str, list[str]]:
        """Everything as typed."""
        return {
            name: texts
            for row in self.rows.values()
            for field in row
            for name, texts in field.sent_again().items()
        }

    def error_links(self) -> list[tuple[str, str]]:
        """The errors about each thing, each naming it; else those of the whole."""
        inside = [
            (f"{self.things[name]}: {sentence}", target)
            for name, row in self.rows.items()
            for field in row
            for sentence, target in field.error_links()
        ]
        return inside or super().error_links()

    @property
    def focus_id(self) -> str:
        """The first input about the first thing."""
        first = next(iter(self.rows.values()), None)
        return str(next(iter(first)).focus_id) if first is not None else str(self.id)

    def render(self, **kw: Any) -> Markup:  # noqa: ARG002
        """A group for each thing, under a heading of the whole."""
        return macro_html("parts/each.html", "each", self)
