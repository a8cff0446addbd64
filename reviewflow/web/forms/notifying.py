"""The forms of the decision to notify: partners' views, the council's decision; conflicts, a late letter."""

from __future__ import annotations

from datetime import date, timedelta

from reviewflow import clocks
from reviewflow.casefile import notifying
from reviewflow.casefile.notifying import NO_REASON, NotificationKind, View, ViewGiven
from reviewflow.situation import facts_of
from reviewflow.web.fields import (
    ChoiceField,
    ChoicesField,
    DateField,
    DateTimeField,
    FileField,
    ParagraphField,
    TextField,
)
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.web.forms.referral import NO_NAMES
from reviewflow.working_days import london_date

VIEWS: dict[str, str] = {
    View.NOTIFY: "Notify",
    View.DO_NOT_NOTIFY: "Do not notify",
    View.WAIT: "Do not notify yet",
}
KINDS: dict[str, str] = {
    NotificationKind.SERIOUS_INCIDENT: "A serious incident, which a rapid review follows",
    NotificationKind.LOOKED_AFTER_DEATH: "The death of a looked-after child; no abuse or neglect suspected",
    NotificationKind.CARE_LEAVER_DEATH: "The death of a care leaver under 25",
}
ADDRESSEES = {
    "panel": "The national Panel, through the online system",
    "partners": "The other safeguarding partners",
    "other_area": "The safeguarding partners of another area",
    "ofsted": "Ofsted",
    "department": "The Department for Education",
}
NOT_MET = {
    "abuse_or_neglect": "Abuse or neglect is neither known nor suspected",
    "serious_harm": "The child did not die and was not seriously harmed",
    "area": "It did not happen in the area, nor outside England to a child who lives in it",
}


class ShowsViews(CaseForm):
    """A form that shows what each partner thinks about notifying, and until when it can be done in time."""

    views: list[ViewGiven]
    facts: dict[str, str]
    due_on: date | None

    def prepare(self, context: FormContext) -> None:
        """Find the views and the limit."""
        super().prepare(context)
        assert context.case is not None
        self.views = notifying.views_on_notifying(context.session, context.definition, context.case.id)
        self.facts = facts_of(context.session, context.case.id)
        running = clocks.running(context.session, [context.case.id])
        self.due_on = london_date(running[0].ends_at - timedelta(seconds=1)) if running else None

    @property
    def view_words(self) -> dict[str, str]:
        """What each view is called."""
        return VIEWS

    @property
    def is_late(self) -> bool:
        """Whether the limit has passed."""
        return self.due_on is not None and self.today > self.due_on


class ViewOnNotifyingForm(ShowsViews):
    """What one partner thinks about notifying, and why."""

    template = "cases/forms/view_on_notifying.html"

    view = ChoiceField("What is your view?", VIEWS)
    reason = ParagraphField("Why?", rows=5, limit=5000, hint=NO_NAMES)


class NotificationForm(ShowsViews):
    """The notification as it was sent."""

    template = "cases/forms/notification.html"

    kind = ChoiceField("What was notified?", KINDS)
    sent_at = DateTimeField("When was it sent?", future=False)
    panel_reference = TextField("Reference of the notification", hint="As the online system gave it")
    addressees = ChoicesField("Who was told?", ADDRESSEES)
    reason = ParagraphField(
        "Why are the criteria met?", rows=5, limit=5000, hint="Abuse or neglect, and the harm. " + NO_NAMES
    )
    against_reason = ParagraphField(
        "Why does the council decide against the view of a partner?", rows=4, limit=5000, required=False
    )

    def check(self) -> None:
        """Compare the time of the notification with the day of awareness, and the decision with the views."""
        for question, sentence in notifying.notification_faults(self.answers(), self.facts, self.now):
            self.refuse(question, sentence)
        if notifying.goes_against(self.views, notifying=True) and not self.against_reason.data:
            self.refuse("against_reason", NO_REASON)


class NotNotifiedForm(ShowsViews):
    """The decision not to notify, with its reason."""

    template = "cases/forms/not_notified.html"

    criteria = ChoicesField("What is not the case?", NOT_MET)
    reason = ParagraphField("Why is it not notified?", rows=5, limit=5000, hint=NO_NAMES)
    against_reason = ParagraphField(
        "Why does the council decide against the view of a partner?", rows=4, limit=5000, required=False
    )

    def check(self) -> None:
        """Compare the decision with the views."""
        if notifying.goes_against(self.views, notifying=False) and not self.against_reason.data:
            self.refuse("against_reason", NO_REASON)


class LateLetterForm(CaseForm):
    """A letter to the Panel that the review will be late."""

    sent_on = DateField("When was the letter sent?", future=False)
    reason = ParagraphField("Why will it be late?", rows=5, limit=5000, hint=NO_NAMES)
    expected_on = DateField("When will the review be sent?", past=False, required=False)
    letter = FileField("The letter", required=False, accept=".pdf,.docx")


class ConflictForm(CaseForm):
    """A conflict of interest in this case."""

    reason = ParagraphField(
        "What is the conflict?",
        rows=4,
        limit=5000,
        hint="From then on you take no part in the decision, and see nothing of the deliberation. "
        + NO_NAMES,
    )
