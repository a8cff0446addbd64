"""What every form does: refuse what its page did not ask, say what is wrong, give answers, keep a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms.csrf.core import CSRFTokenField

from reviewflow.web import clock, kept_forms
from reviewflow.web.fields.files import FileField, HiddenField
from reviewflow.web.fields.question import Question, refuse_names
from reviewflow.web.fields.rows import RowsField
from reviewflow.web.typed import LONDON, visible

BUTTON = "then"
CSRF = "csrf_token"


@dataclass(frozen=True)
class Pressed:
    """The button that sent the form: `send`, `save`, or `add` and `remove` for the rows of a question."""

    what: str
    question: str = ""
    row: int = -1


class BaseForm(FlaskForm):  # type: ignore[misc] # Flask-WTF publishes no types
    """A form made of questions.

    A POST is read from the request. Otherwise `typed` (a draft, as `typed()` gave it) or `answers` (as
    `answers()` gave them) fill it; before both, what was being sent when the sign-in had ended. `now` is the
    request's time unless given.
    """

    def __init_subclass__(cls) -> None:
        """Raises TypeError for a question whose name a form needs for itself."""
        refuse_names(cls, RESERVED)

    class Meta:
        """Reads form fields and files; never JSON."""

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """What was sent; a draft when nothing was; None for an untouched page."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if form.is_submitted():
                return CombinedMultiDict([request.files, request.form])
            return form.draft

    def __init__(
        self,
        *,
        now: datetime | None = None,
        answers: Mapping[str, Any] | None = None,
        typed: Mapping[str, list[str]] | None = None,
        **kw: Any,
    ):
        self.now: datetime = now or clock.now()
        self.today: date = self.now.astimezone(LONDON).date()
        typed = kept_forms.typed_before() or typed
        self.draft: MultiDict[str, str] | None = MultiDict(typed) if typed is not None else None
        super().__init__(data=answers, **kw)
        pressed = self.pressed
        if pressed.what in ("add", "remove"):
            self._change_rows(pressed)

    @property
    def questions(self) -> list[Question]:
        """The questions, in the order they are asked."""
        return [field for field in self if isinstance(field, Question) and not isinstance(field, HiddenField)]

    @property
    def carried(self) -> list[HiddenField]:
        """The values the page carries without asking."""
        return [field for field in self if isinstance(field, HiddenField)]

    @property
    def pressed(self) -> Pressed:
        """The button that sent this form; `send` when it was sent without one."""
        said = request.form.get(BUTTON, "send") if self.is_submitted() else ""
        what, _, rest = said.partition(":")
        question, _, row = rest.partition(":")
        if what in ("add", "remove") and isinstance(self._fields.get(question), RowsField):
            return Pressed(what, question, int(row) if row.isascii() and row.isdigit() else -1)
        return Pressed(what if what in ("", "send", "save") else "send")

    @property
    def only_changes_rows(self) -> bool:
        """Whether the page is only to be shown again, with a row more or a row less."""
        return self.pressed.what in ("add", "remove")

    @property
    def only_saves(self) -> bool:
        """Whether the draft is to be kept, and nothing sent."""
        return self.pressed.what == "save"

    def _change_rows(self, pressed: Pressed) -> None:
        rows: RowsField = self._fields[pressed.question]
        if pressed.what == "add":
            rows.add()
        else:
            rows.remove(pressed.row)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all that was asked was answered, nothing else was sent, and the answers agree."""
        self.form_errors = self._unexpected()
        good = super().validate(extra_validators)
        if good and not self.form_errors:
            self.check()
        refused = bool(self.errors)
        for field in self if refused else ():
            if isinstance(field, FileField):
                field.ask_again()
        return not refused

    def check(self) -> None:
        """Compare answers with each other, each good alone; call `refuse` for those that disagree."""

    def refuse(self, question: str | None, *sentences: str) -> None:
        """Show each sentence at the top of the page and, where a question is named, beside it."""
        field = self._fields.get(question) if question else None
        if isinstance(field, Question):
            field.errors = [*field.errors, *sentences]
        else:
            self.form_errors = [*self.form_errors, *sentences]

    def error_summary(self) -> list[dict[str, str]]:
        """Every error in the order of the page, with the input that takes the focus."""
        links = [link for field in self if isinstance(field, Question) for link in field.error_links()]
        plain = [str(error) for error in self.form_errors]
        if CSRF in self and self[CSRF].errors:
            plain.append("This page was open for too long. Send it again")
        return [{"text": text} for text in plain] + [
            {"text": text, "href": f"#{target}"} if target else {"text": text} for text, target in links
        ]

    def answers(self) -> dict[str, Any]:
        """What was answered, as JSON can hold it. Files and carried values are not in it."""
        return {name: f.answer for name, f in self._fields.items() if isinstance(f, Question) and f.is_answer}

    def typed(self) -> dict[str, list[str]]:
        """Everything typed, readable or not, for a draft that shows this page again just as it is."""
        kept: dict[str, list[str]] = {}
        for field in self:
            if isinstance(field, Question):
                kept |= field.sent_again()
        return kept

    @property
    def has_files(self) -> bool:
        """Whether a file may be sent with it."""
        return any(isinstance(field, FileField) for field in self)

    def _unexpected(self) -> list[str]:
        if not self.is_submitted():
            return []
        asked = {CSRF: False, BUTTON: False}
        for field in self:
            if not isinstance(field, CSRFTokenField):
                asked |= dict(field.input_names())
        files = {field.name for field in self if isinstance(field, FileField)}
        strange = [name for name in request.form if name not in asked or name in files]
        strange += [name for name in request.files if name not in files]
        sent: CombinedMultiDict[str, Any] = CombinedMultiDict([request.files, request.form])
        twice = [name for name in sent if asked.get(name) is False and len(sent.getlist(name)) > 1]
        return _sentence("something we did not expect", strange) + _sentence("the same thing twice", twice)


# Names that the form itself uses; a question called so would take their place.
RESERVED = frozenset(dir(BaseForm)) | {"now", "today", "draft", "form_errors", BUTTON, CSRF}


def _sentence(what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(visible(name)[:40] for name in sorted(set(names))[:3])
    return [f"This page sent {what} ({shown}). Nothing was saved."]
