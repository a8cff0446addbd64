"""The forms of a referral: who the children are, what happened, and what is done for their safety."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewflow.casefile import identities
from reviewflow.casefile.characteristics import (
    ABUSE,
    CHARACTERISTICS,
    ETHNIC_GROUPS,
    HARM,
    SETTING,
)
from reviewflow.casefile.duplicates import Duplicate, possible_duplicates
from reviewflow.casefile.referrals import MOST_CHILDREN, Safety, faults
from reviewflow.casefile.tables import Case, DateKnown
from reviewflow.web.fields import (
    Choice,
    ChoiceField,
    ChoicesField,
    DateField,
    KnownOrNot,
    KnownOrNotChoice,
    ParagraphField,
    RowForm,
    RowsField,
    SelectField,
    TextField,
)
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.web.forms.requests import AgenciesField

IDENTITY_QUESTIONS = ("name", "also_known_as", "born_on", "addresses", "nhs_number")
ONE_A_LINE = "One on each line"
NO_NAMES = "Do not name the child or the family here"

WRONG_NUMBER = "NHS number must have 10 digits, and these do not fit together. Check them"
OWNER_ELSEWHERE = "Who it is, if they are not in the list"


class ActionRow(RowForm):
    """An action for the safety of a child: what, by whom, by when."""

    what = ParagraphField("What has to be done", rows=2, limit=2000, hint=NO_NAMES)
    owner_person = SelectField("Who does it", required=False)
    owner = TextField(OWNER_ELSEWHERE, required=False, hint="Their name or their role")
    due_on = DateField("By which day", past=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the row is complete: somebody has to do it."""
        good = bool(super().validate(extra_validators))
        return _has_one_owner(self) and good


def _has_one_owner(form: Any) -> bool:
    if form.owner_person.data and form.owner.data:
        form.owner.refuse("Choose a person from the list or write who it is, not both")
    elif not form.owner_person.data and not form.owner.data and not form.owner.errors:
        form.owner_person.refuse("Say who does it: choose a person, or write who it is")
    else:
        return True
    return False


class ChildRow(RowForm):
    """A child: who they are, kept apart; and how things were for them at the time."""

    name = KnownOrNot(TextField("The name"), "Full name")
    also_known_as = ParagraphField(
        "Also known as",
        rows=2,
        required=False,
        limit=2000,
        hint=f"{ONE_A_LINE}. Nicknames and former names too",
    )
    born_on = KnownOrNot(DateField("The day", future=False), "Date of birth")
    addresses = ParagraphField(
        "Addresses", rows=3, required=False, limit=2000, hint=f"{ONE_A_LINE}, the latest first"
    )
    nhs_number = TextField("NHS number", required=False, width="10", hint="10 digits, if you know it")
    sex = KnownOrNotChoice("Sex", CHARACTERISTICS["sex"][1])
    ethnicity = KnownOrNotChoice(
        "Ethnicity",
        [
            Choice(value, text, group=group)
            for group, offered in ETHNIC_GROUPS.items()
            for value, text in offered.items()
        ],
    )
    disability = KnownOrNotChoice("Disability", CHARACTERISTICS["disability"][1])
    placement = KnownOrNotChoice("Where the child lived", CHARACTERISTICS["placement"][1])
    legal_status = KnownOrNotChoice("Legal status", CHARACTERISTICS["legal_status"][1])
    plan = KnownOrNotChoice("Plan", CHARACTERISTICS["plan"][1])
    looked_after = KnownOrNotChoice("Looked after", CHARACTERISTICS["looked_after"][1])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the row is complete, and the NHS number one that can be."""
        good = bool(super().validate(extra_validators))
        number = self.nhs_number.data
        if number and not identities.is_nhs_number(number):
            self.nhs_number.refuse(WRONG_NUMBER)
            return False
        return good


class ReferralForm(CaseForm):
    """The form that opens a rapid review: one incident, 1 to 4 children."""

    template = "cases/forms/referral.html"

    children = RowsField(ChildRow, "The children", one="child", least=1, most=MOST_CHILDREN)
    household = ParagraphField(
        "Household and relatives",
        required=False,
        limit=5000,
        hint=f"{ONE_A_LINE}: the name, and how they are related to which child",
    )
    harm = ChoiceField("What happened to a child?", HARM)
    abuse = ChoicesField("Which abuse or neglect is known or suspected?", ABUSE, required=False)
    date_known = ChoiceField(
        "Is it known when it happened?",
        {
            DateKnown.DATE: "Yes, on one day",
            DateKnown.PERIOD: "Over a period",
            DateKnown.NOT_KNOWN: "The date is not known",
        },
    )
    from_on = DateField(
        "The day of the incident, or the first day of the period",
        called="The day of the incident",
        required=False,
    )
    until_on = DateField("The last day of the period", required=False)
    council_became_aware_on = DateField(
        "When did the council become aware?",
        called="The day the council became aware",
        hint="The 5 working days to notify count from this day. "
        "If the council learns of it by this referral, give today's date",
    )
    setting = SelectField("Where did it happen?", SETTING)
    place = TextField("Town or area", required=False)
    description = ParagraphField("What happened, as far as it is known?", hint=NO_NAMES, rows=8)
    known_to = AgenciesField("Which agencies knew the child or the family?", required=False)
    known_to_others = TextField("Others who knew them", required=False)
    safety = ChoiceField(
        "What is done for the immediate safety of this and other children?",
        {
            Safety.ACTIONS: "Actions, which are named below",
            Safety.NONE_NEEDED: "No action is needed, for the reason below",
            Safety.NOT_YET: "This still has to be considered",
        },
    )
    actions = RowsField(ActionRow, "Actions for their safety", one="action", required=False, most=20)
    safety_reason = ParagraphField(
        "Why no action is needed", required=False, rows=3, limit=5000, hint=NO_NAMES
    )

    def prepare(self, context: FormContext) -> None:
        """Offer the agencies and the people of the area."""
        super().prepare(context)
        self.known_to.choices = context.agencies()
        people = context.people()
        for row in self.actions.rows if "actions" in self else ():
            row.owner_person.choices = people

    def check(self) -> None:
        """Compare the days with each other, and what is said of safety with the actions."""
        for question, sentence in faults(self.answers(), self.today):
            self.refuse(question, sentence)
        if "safety" in self:
            self._check_safety()

    def _check_safety(self) -> None:
        named = bool(self.actions.filled)
        if self.safety.data == Safety.ACTIONS and not named:
            self.refuse("actions", "Add at least one action, or choose another answer above")
        if self.safety.data != Safety.ACTIONS and named:
            self.refuse("safety", "You named actions below. Choose “Actions”, or remove them")
        if self.safety.data == Safety.NONE_NEEDED and not self.safety_reason.data:
            self.refuse("safety_reason", "Say why no action is needed")

    def answers(self) -> dict[str, Any]:
        """What was answered; who the children are is under `identity` and `household` alone."""
        given = super().answers()
        rows = given.pop("children")
        return given | {
            "children": [only(row, CHARACTERISTICS) for row in rows],
            "identity": [only(row, IDENTITY_QUESTIONS) for row in rows],
        }


def only(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The answers of a row to these questions."""
    return {name: row[name] for name in names}


class JoiningForm(CaseForm):
    """Which other referral is about the same incident."""

    template = "cases/forms/joining.html"
    duplicates: list[Duplicate]

    reference = TextField(
        "Reference of the other case",
        width="10",
        hint="For example, ESX-2026-001. What was referred here is read with that case from then on",
    )

    def prepare(self, context: FormContext) -> None:
        """Look for the other referral."""
        super().prepare(context)
        case: Case | None = context.case
        self.duplicates = possible_duplicates(context.session, case) if case else []


# Actions


class ImmediateActionForm(CaseForm):
    """An action for the safety of a child, at once."""

    what = ParagraphField("What has to be done", rows=3, limit=2000, hint=NO_NAMES)
    owner_person = SelectField("Who does it", required=False)
    owner = TextField(OWNER_ELSEWHERE, required=False, hint="Their name or their role")
    owner_agency = SelectField("Their agency", required=False)
    due_on = DateField("By which day", past=False)

    def prepare(self, context: FormContext) -> None:
        """Offer the people of the area, and every agency."""
        super().prepare(context)
        self.owner_person.choices = context.people()
        self.owner_agency.choices = context.agencies()

    def check(self) -> None:
        """Somebody has to do it."""
        _has_one_owner(self)


class ActionDoneForm(CaseForm):
    """What came of an action."""

    template = "cases/forms/action_done.html"

    note = ParagraphField("What came of it", rows=4, limit=5000, hint=NO_NAMES)
