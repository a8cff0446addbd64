"""What every question on a page has in common: its words, what was typed, what it was read as, its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from flask import current_app
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from reviewflow.web.typed import Unreadable, refuse_hidden, visible

Params = dict[str, Any]


class Question(Field):  # type: ignore[misc] # WTForms publishes no types
    """One question: label, hint, what was typed, `data` it was read as, and `answer`, fit for JSON.

    Nothing typed is lost: `typed` holds the text of each input, and the page shows it again.
    A question is required unless `required=False`. `called` is how sentences name it.
    """

    suffixes: ClassVar[tuple[str, ...]] = ("",)
    verb: ClassVar[str] = "Enter"
    is_answer: ClassVar[bool] = True
    data: Any
    process_errors: list[str]

    def __init__(
        self,
        label: str,
        validators: Any = None,
        *,
        hint: str = "",
        required: bool = True,
        missing: str = "",
        called: str = "",
        **kw: Any,
    ) -> None:
        super().__init__(label, validators, description=hint, **kw)
        self.hint = hint
        self.required = required
        self.called = called or (f"“{label}”" if label.endswith(("?", ".", ":")) else label)
        self.missing = missing or self._asks_again(label)
        self.typed: dict[str, str] = dict.fromkeys(self.suffixes, "")
        self.fault = self.suffixes[0]
        self.errors: list[str] = []

    def _asks_again(self, label: str) -> str:
        if label.endswith(("?", ".", ":")):
            return f"Answer “{label}”"
        acronym = len(label) > 1 and label[1].isupper()
        return f"{self.verb} {label if acronym else label[:1].lower() + label[1:]}"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Take what was sent or, when nothing was sent, the stored answer or default."""
        self.process_errors = []
        if data is unset_value:
            data = self.default() if callable(self.default) else self.default
        self.object_data = data
        self.data = None
        if formdata is None:
            self.take(data)
        else:
            self.raw_data = formdata.getlist(self.name)
            self._read_sent(formdata)

    def _read_sent(self, formdata: Any) -> None:
        sent = {suffix: _first_text(formdata, self.name + suffix) for suffix in self.suffixes}
        self.typed = {suffix: visible(text) for suffix, text in sent.items()}
        try:
            for suffix, text in sent.items():
                self.fault = suffix
                refuse_hidden(text, self.called)
            self.fault = self.suffixes[0]
            self._read_into_data()
        except Unreadable as error:
            self.process_errors.append(str(error))

    def _read_into_data(self) -> None:
        if not self.is_blank:
            self.data = self.read()

    def read(self) -> Any:
        """What the typed text means. Raises Unreadable with a sentence."""
        return self.typed[""]

    def take(self, stored: Any) -> None:
        """Show `stored`: a value, or the JSON answer made from one."""
        self.data = stored
        self.typed = {"": "" if stored is None else str(stored)}

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was typed or chosen."""
        return not any(text.strip() for text in self.typed.values())

    @property
    def answer(self) -> Any:
        """`data` as JSON can hold it."""
        return self.data

    def pre_validate(self, form: Any) -> None:
        """Stop with a sentence when nothing was typed, or what was typed could not be read."""
        if self.is_blank and not self.process_errors:
            raise StopValidation(self.missing if self.required else "")
        if self.process_errors:
            raise StopValidation()
        self.check(form)

    def check(self, form: Any) -> None:
        """Look at a value that was read; StopValidation or ValidationError refuses it."""

    def refuse(self, sentence: str) -> None:
        """Show `sentence` as this question's error."""
        self.errors = [*self.errors, sentence]

    def input_names(self) -> Iterator[tuple[str, bool]]:
        """The names this question may send, each with whether it may be sent more than once."""
        for suffix in self.suffixes:
            yield self.name + suffix, False

    def sent_again(self) -> dict[str, list[str]]:
        """What a draft keeps: the names and texts that show this question just as it is now."""
        return {self.name + suffix: [text] for suffix, text in self.typed.items() if text}

    def error_links(self) -> list[tuple[str, str]]:
        """Each error with the id of the input that takes the focus."""
        return [(str(error), self.focus_id) for error in self.errors]

    @property
    def focus_id(self) -> str:
        """The id of the first input, or of the part that is at fault."""
        return f"{self.id}{self.fault}"

    def __call__(self, **kw: Any) -> Markup:
        return self.render(**kw)

    def render(self, **kw: Any) -> Markup:
        """This question as GOV.UK markup."""
        raise NotImplementedError

    def words(self, label_class: str = "govuk-label--s") -> Params:
        """The parameters every macro takes: name, id, label, hint, error message."""
        params: Params = {
            "id": self.id,
            "name": self.name,
            "label": {"text": self.label_text, "classes": label_class},
            "items": [],
        }
        return params | self.hint_and_error()

    def group_words(self) -> Params:
        """The same for a group of inputs, whose label is a legend."""
        legend = {"text": self.label_text, "classes": "govuk-fieldset__legend--s"}
        params: Params = {"id": self.id, "idPrefix": self.id, "name": self.name}
        return params | {"fieldset": {"legend": legend}} | self.hint_and_error()

    def hint_and_error(self) -> Params:
        """The hint and the error message, where there are any."""
        params: Params = {}
        if self.hint:
            params["hint"] = {"text": self.hint}
        if self.errors:
            html = Markup("<br>").join(escape(error) for error in self.errors)
            params["errorMessage"] = {"html": html}
        return params

    @property
    def label_text(self) -> str:
        """The label, saying when an answer is optional."""
        text = str(self.label.text)
        return text if self.required else f"{text} (optional)"


def govuk(component: str, macro: str, params: Mapping[str, Any]) -> Markup:
    """A component of the GOV.UK design system as HTML."""
    return macro_html(f"govuk_frontend_jinja/components/{component}/macro.html", macro, params)


def macro_html(template: str, macro: str, *given: Any) -> Markup:
    """What a macro of a template prints."""
    module = current_app.jinja_env.get_template(template).module
    return Markup(getattr(module, macro)(*given))  # the macros escape what they are given


def refuse_names(form: type, reserved: frozenset[str]) -> None:
    """Raises TypeError when `form` has a question under a name the form uses itself."""
    taken = [name for name, value in vars(form).items() if name in reserved and hasattr(value, "_formfield")]
    if taken:
        raise TypeError(f"a question may not be called {', '.join(taken)}")


def today_of(form: Any) -> date:
    """The day in London at which `form` is being answered."""
    day: date = form.today
    return day


def _first_text(formdata: Any, name: str) -> str:
    first = next(iter(formdata.getlist(name)), "")
    return first if isinstance(first, str) else ""
