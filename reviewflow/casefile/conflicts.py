"""Conflicts of interest: who has declared one in a case takes no part in its decision."""

from __future__ import annotations

from sqlalchemy import select

from reviewflow.casefile.record import Act, Refused
from reviewflow.casefile.tables import Conflict


def record_conflict(act: Act) -> None:
    """Afterwards the person who acts has declared a conflict, with its reason.

    Raises Refused when they have declared one before.
    """
    if act.actor is None:
        raise Refused("The service has no interests.")
    declared = select(Conflict.id).where(Conflict.case_id == act.case.id, Conflict.person_id == act.actor.id)
    if act.session.scalar(declared) is not None:
        raise Refused("You have already declared a conflict of interest in this case.")
    act.session.add(
        Conflict(
            case_id=act.case.id,
            person_id=act.actor.id,
            reason=act.answers.get("reason") or "",
            event_id=act.event.id,
        )
    )
