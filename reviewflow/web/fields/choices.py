"""Questions answered by choosing: radio buttons, checkboxes, drop-down lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from reviewflow.web.fields.question import Params, Question, govuk, macro_html
from reviewflow.web.typed import Unreadable, visible


@dataclass(frozen=True)
class Choice:
    """One answer a question offers; `group` gathers choices under a heading in a drop-down list."""

    value: str
    label: str
    hint: str = ""
    group: str = ""


Choices = Sequence[Choice] | Mapping[str, str]


class ChoiceField(Question):
    """One of several answers, as radio buttons. `choices` may also be set on the form when it is made."""

    verb = "Choose"

    def __init__(
        self, label: str, choices: Choices | Callable[[], Choices] = (), validators: Any = None, **kw: Any
    ):
        super().__init__(label, validators, **kw)
        self.choices = choices() if callable(choices) else choices

    @property
    def offered(self) -> list[Choice]:
        """The choices, whichever way they were written."""
        if isinstance(self.choices, Mapping):
            return [Choice(value, label) for value, label in self.choices.items()]
        return list(self.choices)

    def check(self, form: Any) -> None:  # noqa: ARG002
        """Refuse an answer that is not offered."""
        if self.data not in {choice.value for choice in self.offered}:
            raise ValidationError(f"{self.called}: choose one of the answers offered")

    def items(self) -> list[Params]:
        """The choices for the macro, the chosen one marked."""
        chosen = self.chosen()
        return [
            {"value": c.value, "text": c.label, "checked": c.value in chosen}
            | ({"hint": {"text": c.hint}} if c.hint else {})
            for c in self.offered
        ]

    def chosen(self) -> set[str]:
        """The values that are chosen now."""
        return {self.typed[""]}

    def render(self, **kw: Any) -> Markup:
        """Radio buttons, side by side when there are two short ones."""
        inline = len(self.offered) == 2 and all(len(c.label) < 12 and not c.hint for c in self.offered)
        params = self.group_words() | {
            "items": self.items(),
            "classes": "govuk-radios--inline" if inline else "",
        }
        return govuk("radios", "govukRadios", params | kw)


class YesNoField(ChoiceField):
    """Yes or no: `data` is True or False, `answer` is "yes" or "no"."""

    def __init__(self, label: str, validators: Any = None, **kw: Any):
        super().__init__(label, {"yes": "Yes", "no": "No"}, validators, **kw)

    def read(self) -> Any:
        """True for yes, False for no."""
        if self.typed[""] not in ("yes", "no"):
            raise Unreadable(f"{self.called}: choose yes or no")
        return self.typed[""] == "yes"

    def take(self, stored: Any) -> None:
        """Show True, False, "yes", "no" or nothing."""
        self.data = {"yes": True, "no": False}.get(stored) if isinstance(stored, str) else stored
        self.typed = {"": self.answer or ""}

    @property
    def answer(self) -> str | None:
        """The word: yes or no."""
        return None if self.data is None else ("yes" if self.data else "no")

    def check(self, form: Any) -> None:
        """Nothing more: reading it was the check."""


class SelectField(ChoiceField):
    """One of many answers, as a drop-down list, in groups where the choices have them."""

    def __init__(
        self, label: str, choices: Choices | Callable[[], Choices] = (), validators: Any = None, **kw: Any
    ):
        self.prompt = kw.pop("prompt", "Choose one")
        super().__init__(label, choices, validators, **kw)

    def render(self, **kw: Any) -> Markup:
        """A drop-down list with an empty first line."""
        params = self.words() | {"prompt": self.prompt, "groups": self._groups(), "chosen": self.typed[""]}
        return macro_html("parts/inputs.html", "grouped_select", params | kw)

    def _groups(self) -> list[tuple[str, list[Choice]]]:
        groups: dict[str, list[Choice]] = {}
        for choice in self.offered:
            groups.setdefault(choice.group, []).append(choice)
        return list(groups.items())


class ChoicesField(ChoiceField):
    """Any number of several answers, as checkboxes; `data` is a list in the order offered."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take every value that was sent."""
        self.sent: list[str] = []
        if formdata is not None:
            self.sent = [visible(v) for v in formdata.getlist(self.name) if isinstance(v, str) and v]
        super().process(formdata, data, extra_filters)

    def read(self) -> Any:
        """The chosen values, each once."""
        return [c.value for c in self.offered if c.value in self.sent]

    def take(self, stored: Any) -> None:
        """Show a list of values."""
        self.data = self.sent = list(stored or [])
        self.typed = {"": " ".join(self.sent)}

    @property
    def is_blank(self) -> bool:
        """Whether no box is ticked."""
        return not self.sent

    def pre_validate(self, form: Any) -> None:
        """Read again: the choices may have been set after the form was made."""
        self.data = self.read()
        super().pre_validate(form)

    def check(self, form: Any) -> None:  # noqa: ARG002
        """Refuse an answer that is not offered."""
        if set(self.sent) - {choice.value for choice in self.offered}:
            raise ValidationError(f"{self.called}: choose from the answers offered")

    @property
    def answer(self) -> list[str]:
        """The values, an empty list when none is chosen."""
        return self.data or []

    def chosen(self) -> set[str]:
        """The values that are chosen now."""
        return set(self.sent)

    def input_names(self) -> Iterator[tuple[str, bool]]:
        """One name, sent once for each box that is ticked."""
        yield self.name, True

    def sent_again(self) -> dict[str, list[str]]:
        """Every ticked box."""
        return {self.name: self.sent} if self.sent else {}

    def render(self, **kw: Any) -> Markup:
        """Checkboxes."""
        return govuk("checkboxes", "govukCheckboxes", self.group_words() | {"items": self.items()} | kw)
