"""The form that adds to a referral, or corrects it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import select

from reviewflow.casefile import identities
from reviewflow.casefile.characteristics import CHARACTERISTICS, in_words
from reviewflow.casefile.identities import IdentityKind
from reviewflow.casefile.referrals import MOST_CHILDREN
from reviewflow.casefile.tables import Child, Incident
from reviewflow.situation import facts_of
from reviewflow.web.fields import Choice, ParagraphField, RowForm, RowsField, SelectField, TextField
from reviewflow.web.fields.known import REASONS
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.web.forms.referral import IDENTITY_QUESTIONS, WRONG_NUMBER, ChildRow, ReferralForm, only
from reviewflow.web.typed import Unreadable, read_date

NOT_ASKED_AGAIN = ("children", "household", "safety", "actions")


class CorrectedRow(RowForm):
    """Something a child's record should say instead."""

    child = SelectField("Which child")
    says = SelectField("What the referral should say")


class IdentityRow(RowForm):
    """Something to add to who a child is, or to put in the place of what was wrong."""

    child = SelectField("Which child", required=False, hint="Leave this empty for the household")
    kind = SelectField("What it is", identities.WORDS)
    value = TextField("What it should say", hint="A date of birth as 27 3 2019", limit=500)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the value is one of its kind, and says whose it is."""
        good = bool(super().validate(extra_validators))
        if self.kind.data and self.kind.data != IdentityKind.HOUSEHOLD and not self.child.data:
            self.child.refuse("Choose which child")
            good = False
        fault = _fault_of(self.kind.data, self.value.data or "", self.today)
        if fault and not self.value.errors:
            self.value.refuse(fault)
        return good and not fault

    def answers(self) -> dict[str, Any]:
        """The row, a date of birth as a date."""
        given = super().answers()
        if given["kind"] == IdentityKind.BORN_ON:
            given["value"] = _read_born_on(given["value"])
        return given


def _read_born_on(text: str) -> str:
    parts = re.split(r"[\s/.-]+", text.strip())
    day, month, year = parts if len(parts) == 3 else (text, "", "")
    return read_date(day, month, year, "Date of birth").isoformat()


def _fault_of(kind: str | None, value: str, today: date) -> str:
    if kind == IdentityKind.NHS_NUMBER and not identities.is_nhs_number(value):
        return WRONG_NUMBER
    if kind == IdentityKind.BORN_ON:
        try:
            is_to_come = _read_born_on(value) > today.isoformat()
        except Unreadable as unreadable:
            return str(unreadable)
        return "Date of birth must be today or in the past" if is_to_come else ""
    return ""


class ReferralCorrectionForm(ReferralForm):
    """What was referred, as it should stand: it begins with what the referral says now."""

    template = "cases/forms/referral_correction.html"

    corrected = RowsField(CorrectedRow, "What has been learned of a child", one="answer", required=False)
    more_identity = RowsField(
        IdentityRow,
        "Who a child is: to add or to correct",
        one="detail",
        required=False,
        hint="What is known now is not shown here. Another name, date of birth or NHS number takes the place "
        "of the one before",
    )
    further_children = RowsField(
        ChildRow, "Further children", one="further child", required=False, most=MOST_CHILDREN
    )
    safety_reason = ParagraphField(
        "Why no action is needed for the safety of this and other children",
        required=False,
        rows=3,
        hint="Only if it was still to be considered. Actions have a page of their own",
    )

    def __init__(self, **kw: Any):
        super().__init__(**kw)
        for name in NOT_ASKED_AGAIN:
            del self[name]

    def prepare(self, context: FormContext) -> None:
        """Offer the children; begin with what the referral says now."""
        super().prepare(context)
        assert context.case is not None
        incident = context.session.get_one(Incident, context.case.incident_id)
        children = _children_offered(context, incident)
        for row in self.corrected.rows:
            row.child.choices, row.says.choices = children, _everything_a_child_may_be()
        for row in self.more_identity.rows:
            row.child.choices = children
        if not self.is_submitted() and self.draft is None:
            self._begin_with(incident, facts_of(context.session, context.case.id))

    def _begin_with(self, incident: Incident, facts: dict[str, str]) -> None:
        names = ("harm", "abuse", "date_known", "from_on", "until_on", "setting", "place", "description")
        for name in (*names, "known_to", "known_to_others"):
            self._fields[name].take(getattr(incident, name))
        self.council_became_aware_on.take(facts.get("council_became_aware_on"))

    def answers(self) -> dict[str, Any]:
        """What was answered; who the children are is under `identity` and `more_identity` alone."""
        given = CaseForm.answers(self)
        further, corrected = given.pop("further_children"), given.pop("corrected")
        return given | {
            "children": [_correction(row) for row in corrected],
            "further_children": [only(row, CHARACTERISTICS) for row in further],
            "identity": [only(row, IDENTITY_QUESTIONS) for row in further],
        }


def _children_offered(context: FormContext, incident: Incident) -> list[Choice]:
    rows = context.session.scalars(
        select(Child).where(Child.incident_id == incident.id).order_by(Child.number)
    )
    return [Choice(str(child.number), child_in_words(child)) for child in rows]


def child_in_words(child: Child) -> str:
    """A child by number, sex and age: never by name."""
    said = child.characteristics
    about = ", ".join(
        in_words(name, said.get(name)).lower() for name in ("sex", "age") if "known" in said.get(name, {})
    )
    return f"Child {child.number}" + (f" ({about})" if about else "")


def _everything_a_child_may_be() -> list[Choice]:
    return [
        Choice(f"{name}={value}", text, group=label)
        for name, (label, offered) in CHARACTERISTICS.items()
        for value, text in [*offered.items(), *REASONS]
    ]


def _correction(row: dict[str, Any]) -> dict[str, Any]:
    name, _, value = row["says"].partition("=")
    reason = value.removeprefix("not:")
    said = {"known": value} if reason == value else {"not_known": reason}
    return {"number": int(row["child"]), name: said}
