"""Forms made of a definition's own questions: no Python for a local form."""

from __future__ import annotations

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
    words = {"label": asked.label, "hint": asked.hint or "", "required": asked.required}
    match asked.kind:
        case QuestionKind.TEXT:
            return TextField(**words)
        case QuestionKind.PARAGRAPH:
            return ParagraphField(**words)
        case QuestionKind.DATE:
            return DateField(**words)
        case QuestionKind.YES_NO:
            return YesNoField(**words)
        case QuestionKind.CHOICE:
            return ChoiceField(choices=asked.options, **words)
        case QuestionKind.CHOICES:
            return ChoicesField(choices=asked.options, **words)
        case QuestionKind.DOCUMENT:
            return FileField(**words)
        case QuestionKind.PERSON | QuestionKind.AGENCY:
            return SelectField(**words)
