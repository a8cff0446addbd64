"""The forms of what agencies answer: not involved, not me, in an archive, a part, a return, its sign-off."""

from __future__ import annotations

from typing import ClassVar

from reviewflow.people import Agency
from reviewflow.requests import InformationRequest
from reviewflow.requests.reading import Sent, latest_return
from reviewflow.requests.tables import CHILD_SEEN
from reviewflow.web.fields import (
    DateField,
    EmailField,
    FileField,
    ParagraphField,
    RowForm,
    RowsField,
    SelectField,
    TextField,
    TimeField,
    YesNoField,
)
from reviewflow.web.forms.case_form import CaseForm, FormContext

MOST_ROWS = 300


class ChronologyRowForm(RowForm):
    """One line of an agency's chronology."""

    on = DateField("Date", future=False, called="The date")
    at_time = TimeField("Time", required=False, hint="Only if it is recorded. For example, 14:05")
    source = TextField("Source", limit=200, hint="Which record says so. For example, case notes")
    event = ParagraphField("What happened", rows=3, limit=4_000)
    response = ParagraphField("What the agency did then", rows=3, limit=4_000, required=False)
    child_seen = SelectField("Was the child seen or heard?", CHILD_SEEN, called="Child seen or heard")


class RequestForm(CaseForm):
    """A form about one request: it knows which agency was asked."""

    agency_name: str = ""

    def prepare(self, context: FormContext) -> None:
        """Name the agency that was asked."""
        super().prepare(context)
        request: InformationRequest = context.subject
        self.agency_name = context.session.get_one(Agency, request.agency_id).name


class NotInvolvedForm(RequestForm):
    """The agency was not involved: a result."""

    explanation = ParagraphField(
        "Which records did you look in, and under which names?",
        rows=4,
        limit=4_000,
        hint="Include archived records, and what you would have found if you had known the family",
    )


class PassedOnForm(RequestForm):
    """Somebody else in the agency should answer."""

    template: ClassVar[str] = "cases/forms/passed_on.html"

    name = TextField("Your colleague's name", limit=120)
    email = EmailField("Your colleague's email address", hint="They must work for the same agency")


class ArchivedRecordsForm(RequestForm):
    """The agency's file is in an archive."""

    asked_on = DateField("When did you ask the archive?", called="The day you asked", future=False)
    expected_on = DateField("When do you expect the file?", called="The day you expect the file")
    where = TextField("Which archive?", required=False, limit=200)

    def check(self) -> None:
        """A file cannot come before it is asked for."""
        if self.expected_on.data < self.asked_on.data:
            self.refuse("expected_on", "The day you expect the file must be on or after the day you asked")


class SecuredRecordsForm(RequestForm):
    """The agency's records are secured, so that they cannot be changed."""

    secured_by = TextField("Who secured the records?", limit=120, called="Who secured the records")
    secured_on = DateField("On which day?", called="The day the records were secured", future=False)


class PartialReturnForm(RequestForm):
    """What the agency can send now; more follows."""

    template: ClassVar[str] = "cases/forms/agency_return.html"
    sent_before: tuple[Sent, ...] = ()

    summary = ParagraphField("What does this part tell?", rows=6)
    chronology = RowsField(ChronologyRowForm, "Chronology", one="event", most=MOST_ROWS)
    still_to_come = ParagraphField("What is still to come?", rows=3, limit=4_000)
    rest_expected_on = DateField(
        "When do you expect to send the rest?",
        called="The day you expect to send the rest",
        past=False,
        required=False,
    )


class AgencyReturnForm(RequestForm):
    """The agency's whole answer, for its senior lead to sign off."""

    template: ClassVar[str] = "cases/forms/agency_return.html"
    sent_back_reason: str = ""

    summary = ParagraphField("What did your agency know and do?", rows=8)
    sources = ParagraphField(
        "Which records did you look in?", rows=2, limit=4_000, required=False, hint="Archived ones too"
    )
    chronology = RowsField(
        ChronologyRowForm,
        "Chronology",
        one="event",
        most=MOST_ROWS,
        hint="Rows you have sent with an earlier part stay. Add what is new",
    )
    working_well = ParagraphField("What worked well?")
    worried_about = ParagraphField("What worries you?")
    why = ParagraphField(
        "Why did it happen that way?",
        hint="For example, systems, workload, supervision, how teams are set up",
    )
    action_taken = ParagraphField("What have you done already?")
    voice_of_the_child = ParagraphField(
        "What was life like for the child, and what did the child say or show?"
    )
    identity_and_culture = ParagraphField(
        "What is known of the child's identity and culture, and how was it taken into account?",
        hint="Ethnicity, faith, language, disability and anything else that mattered",
    )
    parallel_processes = ParagraphField(
        "Which other processes are there?",
        hint="For example, police, coroner, child death review, complaints. Say if there are none",
    )

    def prepare(self, context: FormContext) -> None:
        """Begin with the return that was sent back, if one was, and say why it was."""
        super().prepare(context)
        latest = latest_return(context.session, context.subject.id)
        if latest is None or latest.sent_back_reason is None:
            return
        self.sent_back_reason = latest.sent_back_reason
        if self.is_untouched:
            carried = {one.short_name: one.data for one in self.carried}
            self.process(data=carried | latest.answers())


class ReturnSignOffForm(RequestForm):
    """The senior lead signs the agency's return off."""

    template: ClassVar[str] = "cases/forms/return_sign_off.html"
    to_read: Sent | None = None

    agreed = YesNoField(
        "Have you read this return, and do you sign it off for your agency?", called="Your sign-off"
    )

    def prepare(self, context: FormContext) -> None:
        """Show the return that waits for sign-off."""
        super().prepare(context)
        self.to_read = latest_return(context.session, context.subject.id)

    def check(self) -> None:
        """No is said on the other page, with reasons."""
        if not self.agreed.data:
            self.refuse("agreed", "If you do not agree, use “Send our return back for changes” and say why")


class ReturnSentBackForm(RequestForm):
    """The senior lead sends the return back to whoever wrote it."""

    template: ClassVar[str] = "cases/forms/return_sign_off.html"
    to_read: Sent | None = None

    reason = ParagraphField("What has to be changed, and why?", rows=4, limit=4_000)

    def prepare(self, context: FormContext) -> None:
        """Show the return that waits for sign-off."""
        super().prepare(context)
        self.to_read = latest_return(context.session, context.subject.id)


class ReturnOnBehalfForm(RequestForm):
    """The coordinator enters a return that came another way."""

    template: ClassVar[str] = "cases/forms/return_on_behalf.html"

    original = FileField(
        "The return as the agency sent it",
        hint="Word, Excel, PDF, PNG or JPEG, 20 MB at most",
        accept=".docx,.xlsx,.pdf,.png,.jpg,.jpeg",
    )
    signed_by = TextField(
        "Who signed it there?",
        limit=160,
        hint="Name and post, as it stands on the return",
        called="Who signed it",
    )
    signed_on = DateField("On which day was it signed?", called="The day it was signed", future=False)
    summary = ParagraphField("What did the agency know and do?", rows=8)
    chronology = RowsField(ChronologyRowForm, "Chronology", one="event", most=MOST_ROWS)
    working_well = ParagraphField("What worked well?", required=False)
    worried_about = ParagraphField("What worries the agency?", required=False)
    why = ParagraphField("Why did it happen that way?", required=False)
    action_taken = ParagraphField("What has the agency done already?", required=False)
    voice_of_the_child = ParagraphField(
        "What was life like for the child, and what did the child say or show?", required=False
    )
    identity_and_culture = ParagraphField(
        "What is known of the child's identity and culture, and how was it taken into account?",
        required=False,
    )
    parallel_processes = ParagraphField("Which other processes are there?", required=False)
