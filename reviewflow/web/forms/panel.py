"""The forms of what goes to the national Panel and what comes back."""

from __future__ import annotations

from reviewflow.submissions import ASKED_BY, REPLIES
from reviewflow.web.fields import ChoiceField, DateField, DateTimeField, FileField, ParagraphField, TextField
from reviewflow.web.forms.case_form import CaseForm, FormContext


class SubmissionForm(CaseForm):
    """The rapid review was sent to the Panel."""

    sent_at = DateTimeField("When was it sent?", future=False, called="The time it was sent")
    where = TextField("Where to?", limit=200, called="Where it was sent")
    how = TextField("How?", limit=200, hint="For example, by secure mail", called="How it was sent")
    proof = FileField("Proof that it was sent", hint="The receipt, as PDF, Word or a picture")

    def prepare(self, context: FormContext) -> None:
        """Most go to the same place."""
        super().prepare(context)
        if self.is_untouched:
            self.where.take("The national Child Safeguarding Practice Review Panel")


class PanelChaseForm(CaseForm):
    """The Panel was asked for its reply."""

    how = ChoiceField("How was it asked?", ASKED_BY)
    note = ParagraphField("What was said?", rows=3, limit=2_000, required=False)


class PanelReplyForm(CaseForm):
    """What the Panel replied."""

    reply = ChoiceField("What does the Panel say?", REPLIES)
    received_on = DateField("When did it come?", future=False, called="The day it came")
    text = ParagraphField("What it says", called="What the Panel says")
    letter = FileField("The Panel's letter", required=False)
