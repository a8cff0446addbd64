"""What a person may do in a case now: a button for each act, or the reasons why it cannot be done yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from reviewflow import acts
from reviewflow.acts import Subject
from reviewflow.casefile.tables import Case
from reviewflow.guards import parts_needed, reasons_against
from reviewflow.people import AGENCY_ROLES
from reviewflow.situation import Actor, Situation, look
from reviewflow.web.case_file import CaseFile
from reviewflow.web.page import Link
from reviewflow.workflow.definition import SERVICE, Definition, Trigger


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An act on the case as a button; with `reasons`, it is shown, but cannot be done yet."""

    trigger: str
    title: str
    href: str
    moves: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offers:
    """Everything a person may do in a case in its present state, asked of the rules that the engine asks."""

    case: Case
    roles: frozenset[str]
    triggers: tuple[Trigger, ...]
    situation: Situation | None

    def of_case(self) -> tuple[Offer, ...]:
        """The acts that are about the case itself; what can be done now before what cannot."""
        found = [self._offer(one, None) for one in self.triggers if about(one) is None]
        return tuple(sorted(found, key=lambda one: bool(one.reasons)))

    def about(self, kind: Subject, subject_id: str, *, of_agency: bool = False) -> tuple[Link, ...]:
        """The acts that can be done now about one request, action, meeting or question."""
        found = self.possible_about(kind, subject_id, of_agency=of_agency)
        return tuple(Link(text=one.title, href=one.href) for one in found)

    def possible_about(self, kind: Subject, subject_id: str, *, of_agency: bool = False) -> tuple[Offer, ...]:
        """The same, each saying which act it is."""
        offers = (
            self._offer(one, subject_id)
            for one in self.triggers
            if about(one) is kind and (of_agency or not set(one.roles()) <= set(AGENCY_ROLES))
        )
        return tuple(one for one in offers if not one.reasons)

    def _offer(self, trigger: Trigger, subject_id: str | None) -> Offer:
        href = f"/cases/{self.case.public_id}/do/{trigger.name}" + (f"/{subject_id}" if subject_id else "")
        return Offer(
            trigger=trigger.name,
            title=trigger.title,
            href=href,
            moves=not trigger.same,
            reasons=tuple(self._reasons(trigger, subject_id)),
        )

    def _reasons(self, trigger: Trigger, subject_id: str | None) -> Iterable[str]:
        assert self.situation is not None
        role = next(one for one in trigger.roles() if one in self.roles)
        seen = replace(
            self.situation, subject_id=subject_id, actor=replace(self.situation.actor, acting_as=role)
        )
        return reasons_against(trigger.requires, seen)


def about(trigger: Trigger) -> Subject | None:
    """What an act is about besides its case."""
    return acts.FORMS[trigger.form].about if trigger.form in acts.FORMS else None


def offers_in(
    session: Session, file: CaseFile, definition: Definition, roles: Collection[str], now: datetime
) -> Offers:
    """What the person may do in the case as it stands; one look at the case for all of it."""
    case, person = file.case, file.person
    mine = frozenset(roles) - {SERVICE}
    usable = tuple(one for one in definition.triggers_from(case.state) if mine & set(one.roles()))
    if not usable or not file.relation.may_change:
        return Offers(case, mine, (), None)
    guards = [name for one in usable for name in one.requires]
    actor = Actor(person.id, person.agency_id, next(iter(sorted(mine))))
    return Offers(case, mine, usable, look(session, case, definition, actor, now, parts_needed(guards)))
