"""Forms sent after the sign-in had ended: kept for a day, for the person who sent them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from reviewflow.people import KeptForm
from reviewflow.people.signing_in import hash_of, new_secret

KEPT_FOR = timedelta(days=1)
MOST = 5


def keep(session: Session, person_id: int, path: str, typed: Mapping[str, list[str]], now: datetime) -> str:
    """Afterwards what was typed is kept for this person; the secret under which it is found again.

    Of one person the latest few forms are kept.
    """
    forget_old(session, now)
    older = session.scalars(
        select(KeptForm.id)
        .where(KeptForm.person_id == person_id)
        .order_by(KeptForm.id.desc())
        .offset(MOST - 1)
    ).all()
    session.execute(delete(KeptForm).where(KeptForm.id.in_(older)))
    secret = new_secret()
    session.add(
        KeptForm(secret_hash=hash_of(secret), person_id=person_id, path=path, typed=dict(typed), kept_at=now)
    )
    session.flush()
    return secret


def find(
    session: Session, secret: str, person_id: int, path: str, now: datetime
) -> Mapping[str, list[str]] | None:
    """What this person had typed on this page; None for anybody else, any other page, and after a day."""
    return session.scalar(
        select(KeptForm.typed).where(
            KeptForm.secret_hash == hash_of(secret),
            KeptForm.person_id == person_id,
            KeptForm.path == path,
            KeptForm.kept_at > now - KEPT_FOR,
        )
    )


def forget_old(session: Session, now: datetime) -> None:
    """Afterwards nothing is kept that nobody came back for within a day."""
    session.execute(delete(KeptForm).where(KeptForm.kept_at <= now - KEPT_FOR))
