"""Notifying: each partner's view, the council's decision, and the letter that a review will be late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.casefile.record import Act, Refused, set_fact
from reviewflow.casefile.tables import Answers, CaseEvent
from reviewflow.people import Agency, Person
from reviewflow.workflow.definition import Definition
from reviewflow.working_days import from_london, london_date


class View(StrEnum):
    """What a partner thinks about notifying."""

    NOTIFY = "notify"
    DO_NOT_NOTIFY = "do_not_notify"
    WAIT = "wait"


class NotificationKind(StrEnum):
    """What is notified: only a serious incident is followed by a rapid review."""

    SERIOUS_INCIDENT = "serious_incident"
    LOOKED_AFTER_DEATH = "looked_after_death"
    CARE_LEAVER_DEATH = "care_leaver_death"


@dataclass(frozen=True)
class ViewGiven:
    """A partner's view on notifying, as it now stands."""

    acting_as: str
    person: str
    agency: str
    view: View
    reason: str
    at: datetime


def views_on_notifying(session: Session, definition: Definition, case_id: int) -> list[ViewGiven]:
    """The latest view of each partner on notifying, in the order they were first given."""
    rows = session.execute(
        select(CaseEvent.acting_as, Person.name, Agency.name, Answers.content, CaseEvent.at)
        .join(Answers, Answers.event_id == CaseEvent.id)
        .join(Person, Person.id == CaseEvent.actor_id)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .where(CaseEvent.case_id == case_id, CaseEvent.trigger.in_(_asking(definition)))
        .order_by(CaseEvent.number)
    )
    latest: dict[str, ViewGiven] = {}
    for acting_as, person, agency, content, at in rows:
        view, reason = View(content["view"]), content.get("reason", "")
        latest[acting_as] = ViewGiven(acting_as, person, agency or "", view, reason, at)
    return list(latest.values())


def _asking(definition: Definition) -> list[str]:
    return [one.name for one in definition.triggers.values() if one.form == "view_on_notifying"]


def goes_against(views: list[ViewGiven], *, notifying: bool) -> list[ViewGiven]:
    """The views that the council decides against; it may, with its reason, for the duty is its alone."""
    return [one for one in views if (one.view is View.NOTIFY) != notifying]


def record_notification(act: Act) -> None:
    """Afterwards the day of the notification is a fact, from which the rapid review counts.

    Raises Refused when it was sent in the future, before the council became aware, or against a partner's
    view without a reason.
    """
    wrong = notification_faults(act.answers, act.facts, act.now)
    against = goes_against(views_on_notifying(act.session, act.definition, act.case.id), notifying=True)
    if against and not act.answers.get("against_reason"):
        wrong.append(("against_reason", NO_REASON))
    if wrong:
        raise Refused(*(sentence for _, sentence in wrong))
    set_fact(act, "notification_sent_on", london_date(_moment(act.answers["sent_at"])).isoformat())


NO_REASON = "Say why the council decides against the view of a partner."


def notification_faults(
    given: Mapping[str, Any], facts: Mapping[str, str], now: datetime
) -> list[tuple[str, str]]:
    """What is wrong with the time of a notification: the question it concerns, and a sentence."""
    if not given.get("sent_at"):
        return [("sent_at", "Enter when the notification was sent.")]
    sent, aware = _moment(given["sent_at"]), facts.get("council_became_aware_on", "")
    if sent > now:
        return [("sent_at", "The notification must have been sent by now.")]
    if london_date(sent).isoformat() < aware:
        return [
            ("sent_at", "The notification lies before the day the council became aware. Correct one of them.")
        ]
    return []


def record_not_notified(act: Act) -> None:
    """Afterwards the decision not to notify stands with its reason, also against a partner's view."""
    against = goes_against(views_on_notifying(act.session, act.definition, act.case.id), notifying=False)
    if against and not act.answers.get("against_reason"):
        raise Refused(NO_REASON)
    if not act.answers.get("reason"):
        raise Refused("Say why the incident is not notified.")


def record_late_letter(act: Act) -> None:
    """Afterwards it is a fact on which day the Panel was told that the review will be late."""
    sent_on = str(act.answers.get("sent_on") or "")
    if not sent_on or sent_on > london_date(act.now).isoformat():
        raise Refused("Enter the day the letter was sent; it must be today or in the past.")
    set_fact(act, "late_letter_sent_on", sent_on)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else from_london(at)
