"""A question whose answer may be not recorded, refused, or not yet obtained: three different answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup
from wtforms import Field
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from reviewflow.casefile.characteristics import NOT_KNOWN
from reviewflow.web.fields.choices import Choice, SelectField
from reviewflow.web.fields.question import Question, macro_html
from reviewflow.web.typed import Unreadable

NOT = "not:"
REASONS = [(f"{NOT}{value}", text) for value, text in NOT_KNOWN.items()]


class KnownOrNotChoice(SelectField):
    """One of many answers or one of three reasons why it is not known, in one drop-down list.

    `data` and `answer` are {"known": the value} or {"not_known": "refused"}.
    """

    @property
    def offered(self) -> list[Choice]:
        """The choices, and after them the reasons."""
        return [*super().offered, *(Choice(value, text, group="Not known") for value, text in REASONS)]

    def read(self) -> Any:
        """The answer or the reason."""
        said = self.typed[""]
        if said not in {choice.value for choice in self.offered}:
            raise Unreadable(f"{self.called}: choose one of the answers offered")
        reason = said.removeprefix(NOT)
        return {"not_known": reason} if reason != said else {"known": said}

    def take(self, stored: Any) -> None:
        """Show a stored answer."""
        self.data = stored or None
        known = (stored or {}).get("known", "")
        self.typed = {"": known if not stored or known else f"{NOT}{stored['not_known']}"}

    def check(self, form: Any) -> None:
        """Nothing more: reading it was the check."""


class KnownOrNot(Question):
    """`inner` or one of three reasons why it is not known.

    `data` and `answer` are {"known": the inner answer} or {"not_known": "refused"}.
    """

    verb = "Choose"

    def __init__(self, inner: Any, label: str, validators: Any = None, **kw: Any):
        super().__init__(label, validators, **kw)
        named = {"name": f"{self.short_name}-value", "prefix": kw.get("_prefix", "")}
        self.inner: Field = self.meta.bind_field(self._form, inner, named)
        self.inner.required = True

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the reason or the answer inside."""
        stored = data if isinstance(data, dict) else {}
        self.inner.process(formdata, stored.get("known"))
        super().process(formdata, data, extra_filters)
        if formdata is not None and not self.typed[""] and not self.inner.is_blank:
            self.typed[""] = "known"
            self.data = self.read()

    def read(self) -> Any:
        """The answer inside, or the reason."""
        said = self.typed[""]
        if said == "known":
            return {"known": self.inner.answer}
        if said not in NOT_KNOWN:
            raise Unreadable(f"{self.called}: choose one of the answers offered")
        return {"not_known": said}

    def take(self, stored: Any) -> None:
        """Show a stored answer."""
        self.data = stored or None
        said = "" if not stored else ("known" if "known" in stored else stored["not_known"])
        self.typed = {"": said}

    @property
    def is_blank(self) -> bool:
        """Whether neither a reason nor an answer was given."""
        return not self.typed[""] and bool(self.inner.is_blank)

    def check(self, form: Any) -> None:
        """Refuse a reason beside an answer, and an answer that cannot be read."""
        if self.typed[""] != "known":
            if not self.inner.is_blank:
                reason = NOT_KNOWN[self.typed[""]]
                raise ValidationError(
                    f"{self.called}: you chose “{reason}”, but an answer is typed too."
                    " Choose “Known” to keep it, or clear it"
                )
            return
        self.inner.validate(form)
        self.data = {"known": self.inner.answer}

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002
        """An error inside is an error of the whole."""
        if self.inner.errors and not self.errors:
            self.errors = list(self.inner.errors)

    @property
    def focus_id(self) -> str:
        """The input inside when the error is there, else the first radio button."""
        inner: str = self.inner.focus_id
        return inner if self.inner.errors else str(self.id)

    def input_names(self) -> Iterator[tuple[str, bool]]:
        """The radio buttons and the inputs inside."""
        yield self.name, False
        yield from self.inner.input_names()

    def sent_again(self) -> dict[str, list[str]]:
        """The reason and whatever was typed inside."""
        inner: dict[str, list[str]] = self.inner.sent_again()
        return super().sent_again() | inner

    def render(self, **kw: Any) -> Markup:  # noqa: ARG002
        """Radio buttons in a row, and the question inside below them."""
        own_error = bool(self.errors) and not self.inner.errors
        described = [f"{self.id}-hint"] * bool(self.hint) + [f"{self.id}-error"] * own_error
        reasons = [("known", "Known"), *NOT_KNOWN.items()]
        return macro_html("parts/inputs.html", "known_or_not", self, reasons, " ".join(described))
