"""The time of the request being answered: asked once, from the clock the service was started with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Flask, current_app, g

from reviewflow.web.typed import LONDON

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time now, in UTC. The only place that looks at the machine's clock."""
    return datetime.now(UTC)


def set_clock(app: Flask, clock: Clock) -> None:
    """From now on `app` reads the time from `clock`, which gives aware UTC times."""
    app.extensions["reviewflow.clock"] = clock


def now() -> datetime:
    """The moment this request arrived, the same however often a page asks."""
    if "now" not in g:
        g.now = current_app.extensions["reviewflow.clock"]()
    moment: datetime = g.now
    return moment


def today() -> date:
    """The day it is in London for this request."""
    return now().astimezone(LONDON).date()
