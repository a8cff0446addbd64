"""Questions answered with text or a number."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from reviewflow.web.fields.question import Params, Question, govuk
from reviewflow.web.typed import Unreadable, read_email, read_whole_number


class TextField(Question):
    """One line of text, at most `limit` characters.

    `autocomplete` is the browser's word for a thing about the reader, such as "username".
    """

    def __init__(
        self,
        label: str,
        validators: Any = None,
        *,
        limit: int = 200,
        width: str = "",
        autocomplete: str = "",
        **kw: Any,
    ):
        super().__init__(label, validators, **kw)
        self.limit = limit
        self.width = width
        self.autocomplete = autocomplete

    def read(self) -> Any:
        """The line, without blanks around it."""
        text = self.typed[""].strip()
        if "\n" in text:
            raise Unreadable(f"{self.called} must be on one line")
        if len(text) > self.limit:
            raise Unreadable(_too_long(self.called, len(text), self.limit, "characters"))
        return text

    def render(self, **kw: Any) -> Markup:
        """A text input."""
        return govuk("input", "govukInput", self.input_params() | kw)

    def input_params(self) -> Params:
        """What the text input is told."""
        params = self.words() | {"value": self.typed[""].replace("\n", " ")}
        if self.width:
            params["classes"] = f"govuk-input--width-{self.width}"
        if self.autocomplete:
            params["autocomplete"] = self.autocomplete
        return params


class EmailField(TextField):
    """An email address."""

    def read(self) -> str:
        """The address."""
        return read_email(self.typed[""], self.called)

    def input_params(self) -> Params:
        """A text input that brings up the keyboard with an @."""
        return super().input_params() | {"type": "email", "spellcheck": False}


class PasswordField(TextField):
    """A password: taken exactly as typed, never shown again and never part of a draft or an answer."""

    is_answer = False

    def __init__(self, label: str, validators: Any = None, *, new: bool = False, **kw: Any):
        super().__init__(label, validators, limit=kw.pop("limit", 200), **kw)
        self.new = new

    def _read_sent(self, formdata: Any) -> None:
        sent = next(iter(formdata.getlist(self.name)), "")
        self.typed = {"": sent if isinstance(sent, str) else ""}
        try:
            self._read_into_data()
        except Unreadable as error:
            self.process_errors.append(str(error))

    def read(self) -> Any:
        """The password, blanks and all."""
        if len(self.typed[""]) > self.limit:
            raise Unreadable(_too_long(self.called, len(self.typed[""]), self.limit, "characters"))
        return self.typed[""]

    def sent_again(self) -> dict[str, list[str]]:
        """Nothing: a password is never kept."""
        return {}

    def render(self, **kw: Any) -> Markup:
        """A password input with a button that shows what is typed."""
        params = self.words() | {"autocomplete": "new-password" if self.new else "current-password"}
        return govuk("password-input", "govukPasswordInput", params | kw)


class WholeNumberField(TextField):
    """A whole number from `least` to `most`."""

    def __init__(
        self, label: str, validators: Any = None, *, least: int = 0, most: int = 1_000_000, **kw: Any
    ):
        super().__init__(label, validators, width=kw.pop("width", "5"), **kw)
        self.least = least
        self.most = most

    def read(self) -> int:
        """The number."""
        return read_whole_number(self.typed[""], self.called, self.least, self.most)

    def input_params(self) -> Params:
        """A text input that brings up the keyboard with digits."""
        return super().input_params() | {"inputmode": "numeric"}


class ParagraphField(Question):
    """Several lines of text, at most `limit` characters or, where `words` is given, that many words.

    `count=True` shows how much room is left; a limit in words always does.
    """

    def __init__(
        self,
        label: str,
        validators: Any = None,
        *,
        limit: int = 20_000,
        words: int = 0,
        count: bool = False,
        rows: int = 5,
        **kw: Any,
    ):
        super().__init__(label, validators, **kw)
        self.limit = limit
        self.word_limit = words
        self.count = count or bool(words)
        self.rows = rows

    def read(self) -> str:
        """The text."""
        text = self.typed[""]
        if len(text) > self.limit:
            raise Unreadable(_too_long(self.called, len(text), self.limit, "characters"))
        if self.word_limit and len(text.split()) > self.word_limit:
            raise Unreadable(_too_long(self.called, len(text.split()), self.word_limit, "words"))
        return text

    def render(self, **kw: Any) -> Markup:
        """A box for text, with the room left where it is counted."""
        params = self.words() | {"value": _box_text(self.typed[""]), "rows": self.rows} | kw
        if not self.count:
            return govuk("textarea", "govukTextarea", params)
        params |= {"maxwords": self.word_limit} if self.word_limit else {"maxlength": self.limit}
        return govuk("character-count", "govukCharacterCount", params | {"threshold": 75})


def _too_long(what: str, length: int, limit: int, unit: str) -> str:
    return f"{what} must be {limit:,} {unit} or fewer. It now has {length:,}"


def _box_text(text: str) -> str:
    """Text for a textarea: HTML drops a line end right after the tag, so one that was typed is doubled."""
    return f"\n{text}" if text.startswith("\n") else text
