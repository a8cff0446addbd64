"""Forms made of a definition's own questions: no Python for a local form."""

from __future__ import annotations

from typing import Any

from reviewflow.web.fields import (
    ChoiceField,
    ChoicesField,
    DateField,
    FileField,
    ParagraphField,
    Question,
    SelectField,
    TextField,
    YesNoField,
)
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.workflow.definition import Question as Asked
from reviewflow.workflow.definition import QuestionKind

FIELDS: dict[QuestionKind, type[Question]] = {
    QuestionKind.TEXT: TextField,
    QuestionKind.PARAGRAPH: ParagraphField,
    QuestionKind.DATE: DateField,
    QuestionKind.YES_NO: YesNoField,
    QuestionKind.CHOICE: ChoiceField,
    QuestionKind.CHOICES: ChoicesField,
    QuestionKind.DOCUMENT: FileField,
    QuestionKind.PERSON: SelectField,
    QuestionKind.AGENCY: SelectField,
}


class LocalForm(CaseForm):
    """The questions a definition asks beside a form, or instead of one."""

    asked: tuple[Asked, ...] = ()

    def prepare(self, context: FormContext) -> None:
        """Offer the people and the agencies of the area where one is asked for."""
        super().prepare(context)
        for one in self.asked:
            if one.kind is QuestionKind.PERSON:
                self._fields[one.name].choices = context.people()
            elif one.kind is QuestionKind.AGENCY:
                self._fields[one.name].choices = context.agencies()


def with_local_questions(form: type[CaseForm], asked: tuple[Asked, ...]) -> type[CaseForm]:
    """`form` with these questions after its own."""
    if not asked:
        return form
    fields = {one.name: question(one) for one in asked}
    bases = (LocalForm,) if form is CaseForm else (LocalForm, form)
    return type("LocalForm", bases, {"asked": asked, **fields})


def question(asked: Asked) -> Question:
    """The field for a local question of any kind."""
    words: dict[str, Any] = {"label": asked.label, "hint": asked.hint or "", "required": asked.required}
    if asked.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        words["choices"] = asked.options
    return FIELDS[asked.kind](**words)
