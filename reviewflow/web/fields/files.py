"""Questions answered with a file, and values a page carries without asking."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape
from werkzeug.datastructures import FileStorage
from wtforms.utils import unset_value

from reviewflow.web.fields.question import Question, govuk


class FileField(Question):
    """One file; `data` is what was sent, or None. What is in it is for `documents` to judge.

    A file is no part of `answers()`: the route takes it from `data`. A browser never shows a chosen file
    again, so a form that is refused asks for it again.
    """

    verb = "Choose"
    is_answer = False

    def __init__(self, label: str, validators: Any = None, *, accept: str = "", **kw: Any):
        super().__init__(label, validators, **kw)
        self.accept = accept

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Take the file, if one was chosen."""
        self.process_errors = []
        sent = formdata.getlist(self.name) if formdata is not None else []
        files = [item for item in sent if isinstance(item, FileStorage) and item.filename]
        self.data = files[0] if files else None

    @property
    def is_blank(self) -> bool:
        """Whether no file was chosen."""
        return self.data is None

    def ask_again(self) -> None:
        """Say that the file must be chosen again, after the form was refused for something else."""
        if self.data is not None and not self.errors:
            self.refuse(f"{self.called}: choose the file again, because the page could not keep it")

    def render(self, **kw: Any) -> Markup:
        """A file input."""
        params = self.words() | ({"attributes": {"accept": self.accept}} if self.accept else {})
        return govuk("file-upload", "govukFileUpload", params | kw)


class HiddenField(Question):
    """A value the page carries, such as the version its reader saw. It is not an answer."""

    is_answer = False

    def __init__(self, label: str = "", validators: Any = None, **kw: Any):
        super().__init__(label, validators, **kw)
        self.missing = "This page was incomplete. Open it again"

    def sent_again(self) -> dict[str, list[str]]:
        """Nothing: a draft shown later carries the values of that day."""
        return {}

    def error_links(self) -> list[tuple[str, str]]:
        """The errors; nothing can take the focus."""
        return [(str(error), "") for error in self.errors]

    def render(self, **kw: Any) -> Markup:  # noqa: ARG002
        """A hidden input."""
        name, value = escape(self.name), escape(self.typed[""])
        return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
