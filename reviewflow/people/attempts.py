"""Tries to sign in, counted in the database for every process alike: each failure makes the wait longer."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from reviewflow.people import SignInAttempt

REMEMBERED = timedelta(days=1)
FIRST_WAIT = timedelta(seconds=15)


@dataclass(frozen=True)
class Pace:
    """How many failures cost nothing, and how long a wait may grow after them."""

    free: int
    longest: timedelta


BY_BOTH = Pace(free=5, longest=timedelta(minutes=15))
BY_EMAIL = Pace(free=15, longest=timedelta(minutes=1))
"""Short, whoever tries: a stranger may slow a person down, but not lock them out."""
BY_ADDRESS = Pace(free=50, longest=timedelta(minutes=5))
"""Many people may stand behind one address."""


@dataclass(frozen=True)
class Counted:
    """A try that has been counted as failed until it is known to have succeeded."""

    ids: Sequence[int]


@dataclass(frozen=True)
class Wait:
    """A try that came too early, and how long there is still to wait. It was not counted."""

    left: timedelta

    @property
    def in_words(self) -> str:
        """The wait, as people say it."""
        seconds = max(1, round(self.left.total_seconds()))
        if seconds < 90:
            return f"{seconds} second{'' if seconds == 1 else 's'}"
        return f"{-(-seconds // 60)} minutes"


def count(session: Session, key: str, email: str, address: str, now: datetime) -> Counted | Wait:
    """Afterwards this try is counted, for the email, for the network address and for the two together."""
    email = email.strip().casefold()
    paces = {
        _who(key, "both", f"{email} {address}"): BY_BOTH,
        _who(key, "email", email): BY_EMAIL,
        _who(key, "address", address): BY_ADDRESS,
    }
    left = max(_wait(session, who, pace, now) for who, pace in paces.items())
    if left > timedelta(0):
        return Wait(left)
    tries = [SignInAttempt(who_hash=who, at=now, succeeded=False) for who in paces]
    session.add_all(tries)
    session.flush()
    return Counted([one.id for one in tries])


def succeeded(session: Session, counted: Counted, now: datetime) -> None:
    """Afterwards this try counts as a success, and tries of long ago are forgotten."""
    session.execute(
        update(SignInAttempt).where(SignInAttempt.id.in_(list(counted.ids))).values(succeeded=True)
    )
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - REMEMBERED))


def _wait(session: Session, who: str, pace: Pace, now: datetime) -> timedelta:
    latest_first = session.execute(
        select(SignInAttempt.at, SignInAttempt.succeeded)
        .where(SignInAttempt.who_hash == who, SignInAttempt.at > now - REMEMBERED)
        .order_by(SignInAttempt.id.desc())
        .limit(pace.free + 20)
    )
    failed_at = [at for at, _ in takewhile(lambda one: not one.succeeded, latest_first)]
    if len(failed_at) < pace.free:
        return timedelta(0)
    wait: timedelta = min(FIRST_WAIT * 2 ** (len(failed_at) - pace.free), pace.longest)
    return failed_at[0] + wait - now


def _who(key: str, kind: str, value: str) -> str:
    return hmac.new(key.encode(), f"{kind} {value}".encode(), hashlib.sha256).hexdigest()
