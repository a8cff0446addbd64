"""The kinds of question a form may ask. Page authors import them from here."""

from reviewflow.casefile.characteristics import NOT_KNOWN
from reviewflow.web.fields.choices import (
    Choice,
    ChoiceField,
    Choices,
    ChoicesField,
    SelectField,
    YesNoField,
)
from reviewflow.web.fields.dates import DateField, DateTimeField, TimeField
from reviewflow.web.fields.each import EachField
from reviewflow.web.fields.files import FileField, HiddenField
from reviewflow.web.fields.known import KnownOrNot, KnownOrNotChoice
from reviewflow.web.fields.question import Question
from reviewflow.web.fields.rows import RowForm, RowsField
from reviewflow.web.fields.texts import EmailField, ParagraphField, PasswordField, TextField, WholeNumberField

__all__ = [
    "NOT_KNOWN",
    "Choice",
    "ChoiceField",
    "Choices",
    "ChoicesField",
    "DateField",
    "DateTimeField",
    "EachField",
    "EmailField",
    "FileField",
    "HiddenField",
    "KnownOrNot",
    "KnownOrNotChoice",
    "ParagraphField",
    "PasswordField",
    "Question",
    "RowForm",
    "RowsField",
    "SelectField",
    "TextField",
    "TimeField",
    "WholeNumberField",
    "YesNoField",
]
