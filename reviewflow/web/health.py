"""Whether the service answers, can work, and tells people what it should: read by machines."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, g, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from reviewflow.alerts import Alert, Delivery, Heartbeat
from reviewflow.web import clock
from reviewflow.web.database import reading
from reviewflow.web.signed_in import open_to_all

health = Blueprint("health", __name__, url_prefix="/health")

QUIET_FOR = timedelta(minutes=5)
"""A worker that has not been heard of for so long sends nothing."""
DELAYED = "Alerts are delayed: the worker has not been heard of for five minutes. This list is not affected."


@health.get("/live")
@open_to_all
def live() -> Response:
    """The process answers."""
    return jsonify(status="live")


@health.get("/ready")
@open_to_all
def ready() -> tuple[Response, int]:
    """The database answers too."""
    try:
        with reading() as session:
            session.execute(select(1))
    except SQLAlchemyError:
        return jsonify(status="not ready", reason="The database does not answer."), 503
    return jsonify(status="ready"), 200


@health.get("/alerts")
@open_to_all
def alerts() -> tuple[Response, int]:
    """The worker is alive and no alert has failed for good; otherwise 503, with what is wrong."""
    with reading() as session:
        beat = last_heartbeat(session)
        waiting = _how_many(session, Delivery.WAITING)
        failed = _how_many(session, Delivery.FAILED)
    reasons = ["The worker has not been heard of for five minutes."] if is_quiet(beat, clock.now()) else []
    if failed:
        reasons.append(f"{failed} alert{'' if failed == 1 else 's'} could not be delivered.")
    said = jsonify(
        status="not well" if reasons else "well",
        reasons=reasons,
        heartbeat=beat.isoformat() if beat else None,
        waiting=waiting,
        failed=failed,
    )
    return said, 503 if reasons else 200


def last_heartbeat(session: Session) -> datetime | None:
    """When the worker was last heard of."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.name == "worker"))


def is_quiet(beat: datetime | None, now: datetime) -> bool:
    """Whether the worker has not been heard of for five minutes."""
    return beat is None or now - beat > QUIET_FOR


def warning() -> str:
    """What every page says while alerts are delayed; empty while they are not."""
    if "heartbeat" not in g:
        with reading() as session:
            g.heartbeat = last_heartbeat(session)
    return DELAYED if is_quiet(g.heartbeat, clock.now()) else ""


def _how_many(session: Session, delivery: Delivery) -> int:
    return session.scalar(select(func.count(Alert.id)).where(Alert.delivery == delivery)) or 0
