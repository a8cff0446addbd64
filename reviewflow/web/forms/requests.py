"""The forms of requests: asking agencies, chasing them, going on without, sharing the pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from markupsafe import Markup
from sqlalchemy import select

from reviewflow import clocks
from reviewflow.casefile.tables import Incident
from reviewflow.people import Agency, Person, RoleHolding, holding_on
from reviewflow.requests import ChaseBy, InformationRequest, asking
from reviewflow.web.fields import Choice, ChoiceField, ChoicesField, DateField, ParagraphField
from reviewflow.web.fields.question import macro_html
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.workflow.definition import Request as RequestRule
from reviewflow.working_days import in_words, london_date

HOW_CHASED: Mapping[str, str] = {
    ChaseBy.PHONE: "By phone",
    ChaseBy.MAIL: "By mail",
    ChaseBy.IN_PERSON: "In person",
}


class AgenciesField(ChoicesField):
    """Any number of agencies as checkboxes: the first area's in sight, those of each other area to unfold."""

    def render(self, **kw: object) -> Markup:
        """One group of checkboxes for each area."""
        areas: dict[str, list[dict[str, object]]] = {}
        chosen = self.chosen()
        for number, one in enumerate(self.offered, 1):
            item = {"value": one.value, "text": one.label, "checked": one.value in chosen}
            item |= {"hint": {"text": one.hint}} if one.hint else {}
            item["id"] = self.id if number == 1 else f"{self.id}-{number}"
            areas.setdefault(one.group, []).append(item)
        return macro_html("parts/agencies.html", "by_area", self.group_words() | {"areas": areas} | kw)


class AskedAgenciesForm(CaseForm):
    """Agencies are asked what they know; used again when a further agency comes to light."""

    template: ClassVar[str] = "cases/forms/asked_agencies.html"
    already_asked: tuple[str, ...] = ()

    agencies = AgenciesField("Agencies to ask", hint="Each gets a request of its own")
    period_from = DateField("First day of the period", called="The first day of the period", future=False)
    period_until = DateField("Last day of the period", called="The last day of the period", future=False)
    to_answer = ParagraphField("Questions", rows=7, hint="A proposal. Change it to fit this review")
    due_on = DateField("By which day?", called="The day the answer is due", required=False, past=False)
    why_after_the_limit = ParagraphField(
        "Why may the answer come after the last day of the review?",
        required=False,
        rows=2,
        limit=2_000,
        hint="Only if the day above is after it",
    )

    def prepare(self, context: FormContext) -> None:
        """Offer the agencies that were not asked yet, and propose period, questions and day."""
        super().prepare(context)
        assert context.case is not None
        asked = context.session.execute(
            select(Agency.public_id, Agency.name, InformationRequest)
            .join(InformationRequest, InformationRequest.agency_id == Agency.id)
            .where(InformationRequest.case_id == context.case.id)
            .order_by(InformationRequest.id)
        ).all()
        known = {public_id for public_id, _, _ in asked}
        self.already_asked = tuple(name for _, name, _ in asked)
        self.agencies.choices = _with_warnings(
            context, [one for one in context.agencies() if one.value not in known]
        )
        rule = next(iter(context.definition.requests.values()), None)
        if rule is not None:
            self._say_the_usual_day(context, rule)
        if self.is_untouched:
            self._propose(context, asked[-1][2] if asked else None)

    def _say_the_usual_day(self, context: FormContext, rule: RequestRule) -> None:
        assert context.case is not None
        session, today = context.session, london_date(context.now)
        clock = asking.clock_of(session, context.case.id, rule)
        usual = asking.usual_due_on(rule, clock, today, clocks.calendar(session))
        self.limit = asking.last_day(clock) if clock else None
        self.due_on.hint = f"Leave it empty for {in_words(usual)}"
        if self.limit:
            self.due_on.hint += f". The review's last day is {in_words(self.limit)}"

    def _propose(self, context: FormContext, last: InformationRequest | None) -> None:
        """The same as the agencies asked before; the first time, questions that fit what happened."""
        if last is not None:
            self.period_from.take(last.period_from)
            self.period_until.take(last.period_until)
            self.to_answer.take(last.questions)
            return
        incident = context.session.get(Incident, context.case.incident_id) if context.case else None
        self.to_answer.take(asking.proposed_questions(incident.harm if incident else ""))

    def answers(self) -> dict[str, Any]:
        """The answers; what the agencies are to answer is called `questions` on the record."""
        given = super().answers()
        return given | {"questions": given.pop("to_answer")}

    def check(self) -> None:
        """The period runs forwards, and a day after the review's limit has its reason."""
        if self.period_from.data > self.period_until.data:
            self.refuse("period_until", "The last day of the period must be on or after its first day")
        limit = getattr(self, "limit", None)
        if limit and self.due_on.data and self.due_on.data > limit and self.why_after_the_limit.is_blank:
            self.refuse(
                "why_after_the_limit",
                f"The day the answer is due is after the last day of the review, {in_words(limit)}. "
                "Say why, or choose an earlier day",
            )


def _with_warnings(context: FormContext, choices: list[Choice]) -> list[Choice]:
    """The agencies, those that nobody would be told at marked: asking them needs a phone call."""
    told = set(
        context.session.scalars(
            select(Agency.public_id)
            .join(Person, Person.agency_id == Agency.id)
            .join(RoleHolding, RoleHolding.person_id == Person.id)
            .where(
                RoleHolding.role == "agency_contact",
                holding_on(london_date(context.now)),
                Person.left_at.is_(None),
            )
        )
    )
    warning = "No contact is known there, so nobody would get the mail"
    return [one if one.value in told else replace(one, hint=warning) for one in choices]


class ChaseForm(CaseForm):
    """An agency was chased."""

    how = ChoiceField("How did you chase?", HOW_CHASED)
    note = ParagraphField("What was said?", rows=3, limit=4_000)
    promised_on = DateField(
        "By which day did they promise an answer?",
        called="The day of the promise",
        past=False,
        required=False,
    )


class GoneWithoutForm(CaseForm):
    """The review goes on without an agency's return."""

    reason = ParagraphField(
        "Why does the review go on without this agency?",
        rows=4,
        limit=4_000,
        hint="The report lists this as a gap. The agency can still send its return; it will be marked late",
    )


class SharedPackForm(CaseForm):
    """The meeting pack and the merged chronology are shared."""

    template: ClassVar[str] = "cases/forms/shared_pack.html"

    note = ParagraphField(
        "A note to the readers",
        required=False,
        rows=3,
        limit=4_000,
        hint="For example, what to read first. It stands on the case, never in a mail",
    )
