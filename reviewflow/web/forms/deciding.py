"""The forms of the decision: what is recommended, and what the ratifier makes of it."""

from __future__ import annotations

from typing import Any, ClassVar

from reviewflow.people import Partner
from reviewflow.ratification import OUTCOMES, VIEWS, RatifierQuestion, View, report_waiting
from reviewflow.reports import PART_TITLES
from reviewflow.reports.drafts import PARTNERS, requests_of
from reviewflow.web import own_password
from reviewflow.web.fields import (
    Choice,
    ChoiceField,
    ChoicesField,
    DateField,
    EachField,
    HiddenField,
    ParagraphField,
    PasswordField,
    RowForm,
    RowsField,
    SelectField,
    YesNoField,
)
from reviewflow.web.forms.case_form import CaseForm, FormContext


class CriterionRow(RowForm):
    """One criterion of the edition in force."""

    met = YesNoField("Is this met?")
    reason = ParagraphField("Reason", rows=3, limit=4_000)


class ViewRow(RowForm):
    """What one statutory partner thinks."""

    view = ChoiceField("View", VIEWS)
    words = ParagraphField("In their words", required=False, rows=2, limit=4_000)


class LearningRow(RowForm):
    """Something that is to be done, by an agency, by a day."""

    what = ParagraphField("What is to be done", rows=2, limit=2_000)
    owner_agency = SelectField("Who owns it?", prompt="Choose an agency")
    due_on = DateField("By which day?", past=False, called="The day")


class RecommendationForm(CaseForm):
    """What the sub-committee recommends, with its reasons: afterwards the words are fixed."""

    outcome = ChoiceField("What does the sub-committee recommend?", OUTCOMES)
    reason = ParagraphField("Why?", called="The reason")
    criteria = EachField(CriterionRow, "The criteria")
    views = EachField(
        ViewRow, "The view of each statutory partner", {one.value: words for one, words in PARTNERS.items()}
    )
    dissent = ParagraphField(
        "Dissent", required=False, rows=3, hint="Who does not agree, and why. It stands in the report"
    )
    under_scrutiny = ChoicesField(
        "Which agencies' own practice is under scrutiny?",
        required=False,
        hint="Somebody from one of these agencies cannot ratify. Choose none if there is none",
    )
    immediate_learning = RowsField(LearningRow, "Learning to act on now", one="action", most=40)
    later_learning = RowsField(LearningRow, "Learning to act on later", one="action", most=40)
    national_review_considered = YesNoField("Has a national review been considered?")
    national_review_reason = ParagraphField("What was thought about a national review?", rows=3, limit=4_000)
    equality = ParagraphField(
        "How were equality and identity considered in this decision?", rows=3, limit=4_000
    )
    names_checked = ChoicesField(
        "Names",
        {"yes": "I have read the text again: a word found in it is no child's name"},
        required=False,
        hint="Only needed when this page says that it has found the name of a child",
    )

    def prepare(self, context: FormContext) -> None:
        """Ask about the criteria of the edition in force, and offer the agencies."""
        assert context.case is not None
        if context.definition.edition is not None:
            self.criteria.offer(context.definition.edition.criteria)
            self.criteria.hint = context.definition.edition.title
        else:
            del self.criteria
        asked = requests_of(context.session, context.case.id)
        self.under_scrutiny.choices = [Choice(one.agency.public_id, one.agency.name) for one in asked]
        agencies = context.agencies()
        for question in (self.immediate_learning, self.later_learning):
            for row in question.rows:
                row.owner_agency.choices = agencies

    def check(self) -> None:
        """Who does not agree says why."""
        for name, row in self.views.rows.items():
            if row.view.data == View.DISAGREES and row.words.is_blank:
                row.words.refuse(f"Say why {PARTNERS[Partner(name)].lower()} does not agree")
                self.refuse("views", "The views: put right what is marked below")

    def answers(self) -> dict[str, Any]:
        """A tick is a yes."""
        given = super().answers()
        return given | {"names_checked": "yes" if given["names_checked"] else ""}


class TakenBackForm(CaseForm):
    """The recommendation is taken back; the definition asks why."""


class OfTheReport(CaseForm):
    """A form about one version of the report: it carries the version its reader saw."""

    report_sha256 = HiddenField(required=False)
    report: Any = None

    def prepare(self, context: FormContext) -> None:
        """Carry the report that waits for ratification now."""
        assert context.case is not None
        self.report = report_waiting(context.session, context.case.id)
        if not self.is_submitted() and self.report is not None:
            self.report_sha256.take(self.report.sha256)

    def answers(self) -> dict[str, Any]:
        """Also which bytes the decision is about."""
        return super().answers() | {"report_sha256": self.report_sha256.data or None}


class RatificationForm(OfTheReport):
    """The ratifier ratifies what they have read, and proves once more who they are."""

    template: ClassVar[str] = "cases/forms/ratification.html"

    statement = ChoicesField(
        "Your decision",
        {"ratified": "I have read this version of the report, and I ratify its recommendation"},
        missing="Tick the box to say that you have read the report and ratify it",
    )
    note = ParagraphField(
        "Anything to record with it?", required=False, rows=3, limit=2_000, called="What you want recorded"
    )
    password = PasswordField(
        "Your password", hint="The one you sign in with. We ask again because this decision is binding"
    )

    def prepare(self, context: FormContext) -> None:
        """Know whose password is asked for."""
        super().prepare(context)
        self.person = context.person

    def check(self) -> None:
        """The password is that of the person who is signed in."""
        if reason := own_password.reason_against(self.person, self.password.data):
            self.refuse("password", reason)

    def answers(self) -> dict[str, Any]:
        """The decision and the note, and never the password."""
        return {name: value for name, value in super().answers().items() if name != "password"}


class ReasonRow(RowForm):
    """One reason, and the part of the report it is about."""

    part = SelectField("Part of the report", PART_TITLES, prompt="Choose a part")
    reason = ParagraphField("What has to change, and why?", rows=3, limit=4_000, called="The reason")


class ReturnForm(OfTheReport):
    """The ratifier returns the recommendation with reasons."""

    template: ClassVar[str] = "cases/forms/return_with_reasons.html"

    reasons = RowsField(ReasonRow, "Reasons", one="reason", least=1, most=40)


class QuestionForm(CaseForm):
    """The ratifier asks before deciding."""

    question = ParagraphField("What do you want to know?", rows=4, limit=4_000, called="Your question")


class QuestionAnswerForm(CaseForm):
    """The answer to a ratifier's question."""

    template: ClassVar[str] = "cases/forms/question_answer.html"

    answer = ParagraphField("Answer", rows=5, limit=8_000)

    def prepare(self, context: FormContext) -> None:
        """Show the question."""
        question: RatifierQuestion = context.subject
        self.asked = question.question


class StandingAsideForm(CaseForm):
    """The ratifier cannot decide here, and the alternate has to."""

    reason = ParagraphField(
        "Why do you stand aside?",
        rows=4,
        limit=4_000,
        called="The reason",
        hint="This case is then closed to you, and the named alternate is told",
    )
