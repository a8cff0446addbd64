"""The page of a referral: the incident, its children, safety, the views and the decision on notifying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import access, alerts, clocks
from reviewflow.access import Relation
from reviewflow.actions import Action, actions_of
from reviewflow.casefile import identities, notifying
from reviewflow.casefile.characteristics import ABUSE, CHARACTERISTICS, HARM, SETTING, in_words
from reviewflow.casefile.duplicates import Duplicate, possible_duplicates
from reviewflow.casefile.identities import IdentityKind
from reviewflow.casefile.notifying import ViewGiven
from reviewflow.casefile.referrals import children_of
from reviewflow.casefile.tables import Answers, Case, CaseEvent, DateKnown, Incident
from reviewflow.clocks import Clock
from reviewflow.people import Agency
from reviewflow.situation import facts_of, roles_in
from reviewflow.web.case_file import CaseFile
from reviewflow.web.filters import weekday_date
from reviewflow.web.forms.notifying import ADDRESSEES, KINDS, NOT_MET, VIEWS
from reviewflow.web.page import Link, Page
from reviewflow.workflow.definition import OPENED, Definition
from reviewflow.working_days import london_date

MAY_SEE_WHO_IT_IS = (Relation.CASE_MEMBER, Relation.AREA_MEMBER, Relation.ASKED_AGENCY)
KNOWS_WHAT_WAS_REFERRED = (
    Relation.CASE_MEMBER,
    Relation.AREA_MEMBER,
    Relation.SCRUTINEER,
    Relation.REFERRER,
)

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some facts under a title: a child as it was, or who it is."""

    title: str
    rows: Rows


@dataclass(frozen=True, kw_only=True)
class ActionSeen:
    """An action for the safety of a child; `href` leads to where it is recorded as done."""

    what: str
    owner: str
    due_on: date
    status: str
    tone: str
    note: str
    href: str


@dataclass(frozen=True, kw_only=True)
class DuplicateSeen:
    """A case that may be about the same incident; `href` only for who may open it."""

    reference: str
    area: str
    referred_at: datetime
    href: str


@dataclass(frozen=True, kw_only=True)
class ReferralPage(Page):
    """The referral as this person may see it; what is not theirs to see is empty."""

    incident: Rows = ()
    children: tuple[Group, ...] = ()
    names: tuple[Group, ...] | None = None
    who_url: str = ""
    here: str = ""
    safety: str = ""
    actions: tuple[ActionSeen, ...] | None = None
    views: tuple[ViewGiven, ...] | None = None
    view_words: dict[str, str]
    decision: Group | None = None
    duplicates: tuple[DuplicateSeen, ...] = ()
    joined: tuple[Link, ...] = ()
    join_url: str = ""
    is_conflicted: bool = False


def may_see_who_it_is(file: CaseFile) -> bool:
    """Whether this person may have the children's names shown."""
    return file.relation in MAY_SEE_WHO_IT_IS


def referral_page(
    file: CaseFile, definition: Definition, now: datetime, *, with_names: bool = False
) -> ReferralPage:
    """The referral as this person stands to the case; names only when they were asked for on purpose."""
    return _Reader(file, definition, now).page(with_names)


class _Reader:
    """Reads one referral for one page."""

    def __init__(self, file: CaseFile, definition: Definition, now: datetime) -> None:
        self.session: Session = file.session
        self.file, self.case, self.definition, self.now = file, file.case, definition, now
        self.incident = self.session.get_one(Incident, file.case.incident_id)
        self.base = f"/cases/{file.case.public_id}"
        self.roles = roles_in(self.session, self.case, file.person, now)
        self.facts = facts_of(self.session, self.case.id)

    def page(self, with_names: bool) -> ReferralPage:
        whole, relation = self.file.relation.has_whole_file, self.file.relation
        knows = relation in KNOWS_WHAT_WAS_REFERRED
        return ReferralPage(
            name="referral",
            title="The referral",
            caption=self.case.reference,
            back=Link(text="Back to the case", href=self.base),
            wide=True,
            incident=tuple(self._incident(knows)) if relation is not Relation.CONFLICTED else (),
            children=tuple(self._children()) if knows else (),
            names=tuple(self._names()) if with_names else None,
            who_url=f"{self.base}/identity" if may_see_who_it_is(self.file) else "",
            here=f"{self.base}/referral",
            safety=self._safety() if whole else "",
            actions=tuple(self._actions()) if whole else None,
            views=self._views() if whole else None,
            view_words=VIEWS,
            decision=self._decision() if whole else None,
            duplicates=tuple(self._duplicates()),
            joined=tuple(self._joined()) if whole else (),
            join_url=self._act_url("joining"),
            is_conflicted=relation is Relation.CONFLICTED,
        )

    # What happened

    def _incident(self, whole: bool) -> Iterator[tuple[str, str]]:
        one = self.incident
        yield "The harm", HARM.get(one.harm, one.harm)
        yield "When", when_in_words(one)
        yield "Where", ", ".join(filter(None, (SETTING.get(one.setting, one.setting), one.place)))
        if not whole:
            return
        yield "Abuse or neglect", ", ".join(ABUSE.get(value, value) for value in one.abuse) or "None named"
        if aware := self.facts.get("council_became_aware_on"):
            yield "The council became aware", weekday_date(date.fromisoformat(aware))
        yield "Referred", weekday_date(self.case.opened_at)
        yield "Known to", ", ".join(self._known_to()) or "No agency named"
        yield "What is known of it", one.description

    def _known_to(self) -> list[str]:
        names = self.session.scalars(
            select(Agency.name).where(Agency.public_id.in_(self.incident.known_to)).order_by(Agency.name)
        ).all()
        return [*names, *filter(None, [self.incident.known_to_others])]

    def _children(self) -> Iterator[Group]:
        for incident, child in children_of(self.session, self.incident.id):
            said = child.characteristics
            labels = [("age", "Age at the time"), *((name, one[0]) for name, one in CHARACTERISTICS.items())]
            rows = tuple((label, in_words(name, said.get(name))) for name, label in labels)
            yield Group(title=self._child_title(incident.id, child.number), rows=rows)

    def _child_title(self, incident_id: int, number: int | None) -> str:
        title = f"Child {number}" if number else "Around the children"
        return title if incident_id == self.incident.id else f"{title}, from the referral joined to it"

    def _names(self) -> Iterator[Group]:
        rows = identities.who_they_are(self.session, self.incident.id)
        for (incident_id, number), said in groupby(rows, lambda one: (one.incident_id, one.child_number)):
            by_kind: dict[str, list[str]] = {}
            for one in said:
                by_kind.setdefault(one.kind, []).append(_shown(one.kind, one.value))
            facts = tuple((identities.WORDS[kind], "\n".join(values)) for kind, values in by_kind.items())
            yield Group(title=self._child_title(incident_id, number), rows=facts)

    # Safety, views, the decision

    def _actions(self) -> Iterator[ActionSeen]:
        today, url = london_date(self.now), self._act_url("action_done")
        for one in actions_of(self.session, self.case.id):
            status, tone = _standing(one, today)
            yield ActionSeen(
                what=one.what,
                owner=one.owner,
                due_on=one.due_on,
                status=status,
                tone=tone,
                note=one.done_note or "",
                href=f"{url}/{one.public_id}" if url and not one.done_at else "",
            )

    def _safety(self) -> str:
        """What is said of their safety where there is no action."""
        if self.facts.get("immediate_safety_considered") != "yes":
            return "Nobody has recorded yet what is done for their immediate safety."
        corrections = [
            one.name for one in self.definition.triggers.values() if one.form == "referral_correction"
        ]
        said = self.session.scalars(
            select(Answers.content)
            .join(CaseEvent, CaseEvent.id == Answers.event_id)
            .where(CaseEvent.case_id == self.case.id, CaseEvent.trigger.in_([OPENED, *corrections]))
            .order_by(CaseEvent.number.desc())
        )
        return next((one["safety_reason"] for one in said if one.get("safety_reason")), "")

    def _views(self) -> tuple[ViewGiven, ...]:
        return tuple(notifying.views_on_notifying(self.session, self.definition, self.case.id))

    def _decision(self) -> Group | None:
        if notified := self._latest("notification"):
            return Group(title="Notified", rows=tuple(self._notified(notified)))
        if decided := self._latest("not_notified"):
            not_met = [NOT_MET.get(value, value) for value in decided.get("criteria") or []]
            rows = [("What is not the case", ". ".join(not_met)), ("Why", decided.get("reason", ""))]
            return Group(title="Not notified", rows=tuple(rows + _against(decided)))
        return None

    def _notified(self, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield "What", KINDS.get(said.get("kind", ""), "")
        yield "Sent", f"{weekday_date(date.fromisoformat(self.facts['notification_sent_on']))}{self._late()}"
        yield "Reference", said.get("panel_reference", "")
        yield "Told", ", ".join(ADDRESSEES.get(one, one) for one in said.get("addressees") or [])
        yield "Why the criteria are met", said.get("reason", "")
        yield from _against(said)

    def _late(self) -> str:
        """How the day of the notification stands to its limit."""
        due = self.session.scalar(
            select(Clock.due_on)
            .where(Clock.case_id == self.case.id, Clock.counts_from == "council_became_aware_on")
            .order_by(Clock.id.desc())
            .limit(1)
        )
        sent = date.fromisoformat(self.facts["notification_sent_on"])
        if due is None:
            return ""
        calendar = clocks.calendar(self.session)
        return f", {alerts.days_left(due, sent, calendar)}" if sent > due else ", in time"

    def _latest(self, form: str) -> dict[str, Any] | None:
        """What the latest act with this form answered."""
        triggers = [one.name for one in self.definition.triggers.values() if one.form == form]
        return self.session.scalar(
            select(Answers.content)
            .join(CaseEvent, CaseEvent.id == Answers.event_id)
            .where(CaseEvent.case_id == self.case.id, CaseEvent.trigger.in_(triggers))
            .order_by(CaseEvent.number.desc())
            .limit(1)
        )

    # Other referrals

    def _act_url(self, form: str) -> str:
        """Where an act with this form is done, if this person can do it now."""
        for one in self.definition.triggers.values():
            if one.form == form and self.case.state in one.sources and self.roles & set(one.roles()):
                return f"{self.base}/do/{one.name}"
        return ""

    def _duplicates(self) -> Iterator[DuplicateSeen]:
        """For who can join them: the other cases, with a link where they may be opened."""
        if not self._act_url("joining"):
            return
        found = possible_duplicates(self.session, self.case)
        visible = access.visible_to(self.file.person, self.now)
        mine = set(
            self.session.scalars(select(Case.id).where(Case.id.in_([one.case_id for one in found]), visible))
        )
        for one in found:
            yield _duplicate_seen(one, one.case_id in mine)

    def _joined(self) -> Iterator[Link]:
        """The case this one was joined to, and those joined to it."""
        other = Incident.id == self.incident.joined_to_id if self.incident.joined_to_id else None
        joined = Incident.joined_to_id == self.incident.id
        rows = self.session.execute(
            select(Case.public_id, Case.reference)
            .join(Incident, Incident.id == Case.incident_id)
            .where(joined | other if other is not None else joined)
            .order_by(Case.id)
        )
        for public_id, reference in rows:
            yield Link(text=reference, href=f"/cases/{public_id}/referral")


def when_in_words(incident: Incident) -> str:
    """The date of an incident: a day, a period, or that it is not known."""
    if incident.date_known == DateKnown.NOT_KNOWN or incident.from_on is None:
        return "The date is not known"
    if incident.date_known == DateKnown.PERIOD and incident.until_on:
        return f"{weekday_date(incident.from_on)} to {weekday_date(incident.until_on)}"
    return weekday_date(incident.from_on)


def _duplicate_seen(one: Duplicate, may_open: bool) -> DuplicateSeen:
    return DuplicateSeen(
        reference=one.reference,
        area=one.area,
        referred_at=one.referred_at,
        href=f"/cases/{one.public_id}/referral" if may_open else "",
    )


def _standing(action: Action, today: date) -> tuple[str, str]:
    if action.done_at:
        return f"Done on {weekday_date(action.done_at)}", "done"
    return ("Late", "late") if action.due_on < today else ("To do", "now")


def _shown(kind: str, value: str) -> str:
    if kind == IdentityKind.BORN_ON:
        return weekday_date(date.fromisoformat(value))
    if kind == IdentityKind.NHS_NUMBER:
        return f"{value[:3]} {value[3:6]} {value[6:]}"
    return value


def _against(said: dict[str, Any]) -> list[tuple[str, str]]:
    reason = said.get("against_reason")
    return [("Why against the view of a partner", reason)] if reason else []
