"""What happens by itself: which acts the service may do in a case now, and why not the others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Case
from reviewflow.clocks import running
from reviewflow.guards import parts_needed, reasons_against
from reviewflow.situation import Actor, facts_of, look
from reviewflow.workflow.definition import SERVICE, Definition, Trigger
from reviewflow.working_days import london_date

THE_SERVICE = Actor(None, None, SERVICE)


def due_by_itself(session: Session, case: Case, definition: Definition, now: datetime) -> list[str]:
    """The triggers the service may do in this case now: their time has come, and their rules pass."""
    own = [one for one in definition.triggers_from(case.state) if SERVICE in one.roles()]
    if not own:
        return []
    required = {name for one in own for name in one.requires}
    situation = look(session, case, definition, THE_SERVICE, now, parts_needed(required))
    return [
        one.name
        for one in own
        if not_yet(session, case, definition, one, now) is None
        and not reasons_against(one.requires, situation)
    ]


def not_yet(
    session: Session, case: Case, definition: Definition, trigger: Trigger, now: datetime
) -> str | None:
    """Why it is too early for the service to do this; None when its day has come, or it waits for no day."""
    waits_for = [clock.name for clock in definition.clocks.values() if clock.at_due == trigger.name]
    if trigger.at_due:
        waits_for.append(trigger.at_due)
    for name in waits_for:
        if not _has_come(session, case, definition, name, now):
            return f"The day on which “{trigger.title}” happens by itself has not come."
    return None


def _has_come(session: Session, case: Case, definition: Definition, name: str, now: datetime) -> bool:
    if name in definition.clocks:
        return any(clock.name == name and clock.ends_at <= now for clock in running(session, [case.id]))
    day = facts_of(session, case.id).get(name)
    return day is not None and day[:10] <= london_date(now).isoformat()
