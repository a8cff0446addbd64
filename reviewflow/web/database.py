"""How pages reach the database, to look or to change something, and the definitions reviews run on."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Flask, current_app
from sqlalchemy.orm import Session

from reviewflow import db
from reviewflow.db import Sessions
from reviewflow.settings import Settings
from reviewflow.workflow.definition import Definitions

SETTINGS = "reviewflow.settings"
SESSIONS = "reviewflow.sessions"
DEFINITIONS = "reviewflow.definitions"


def offer_database(app: Flask, settings: Settings, sessions: Sessions, definitions: Definitions) -> None:
    """From now on every page of `app` works on these."""
    app.extensions[SETTINGS] = settings
    app.extensions[SESSIONS] = sessions
    app.extensions[DEFINITIONS] = definitions


def reading() -> AbstractContextManager[Session]:
    """`with reading() as session:` looks and changes nothing."""
    return db.reading(_sessions())


def writing() -> AbstractContextManager[Session]:
    """`with writing() as session:` is one change: committed at its end, undone when it raises."""
    return db.transaction(_sessions())


def definitions() -> Definitions:
    """Every review definition the service was started with."""
    loaded: Definitions = current_app.extensions[DEFINITIONS]
    return loaded


def settings() -> Settings:
    """What the operator chose."""
    chosen: Settings = current_app.extensions[SETTINGS]
    return chosen


def _sessions() -> Sessions:
    sessions: Sessions = current_app.extensions[SESSIONS]
    return sessions
