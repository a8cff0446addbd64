"""The second process: at every tick it does what is due, makes documents and sends what waits."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from reviewflow import alerts, documents
from reviewflow.alerts import Alert, Delivery, Heartbeat
from reviewflow.alerts.sending import Mailer, claim, deliver, settle
from reviewflow.by_itself import due_by_itself
from reviewflow.casefile.record import Refused
from reviewflow.casefile.tables import Case
from reviewflow.clocks import calendar, running
from reviewflow.db import Sessions, reading, transaction
from reviewflow.documents import Document, Making
from reviewflow.duties import rungs
from reviewflow.duties.plan import progress
from reviewflow.duties.rungs import Look, Rung
from reviewflow.engine import Command, perform
from reviewflow.pdf import PdfFailed, PdfMaker
from reviewflow.people import AGENCY_ROLES, Person, people_told
from reviewflow.reports.printing import document_html
from reviewflow.requests import answering
from reviewflow.settings import Settings
from reviewflow.workflow.definition import Definitions
from reviewflow.working_days import london_date

log = logging.getLogger("reviewflow.worker")

EVERY_SECONDS = 15
LEASE = timedelta(seconds=90)
"""How long one worker keeps the others out; it is renewed at every tick."""
CASES_A_TICK = 200
MAKING_PAUSES = (0, 1, 5, 15, 60)
"""Minutes until a document that could not be made is tried again; then it has failed, and shows."""


@dataclass(frozen=True)
class Worker:
    """All a tick needs; it keeps nothing between ticks that the database does not hold."""

    settings: Settings
    sessions: Sessions
    definitions: Definitions
    mailer: Mailer
    maker: PdfMaker
    name: str = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def tick(self, now: datetime) -> bool:
        """Do everything that is due at `now`; False when another worker has the lease.

        Each row stands on its own: one that fails is noted, and the rest goes on.
        """
        if not self._take_lease(now):
            return False
        for case_id in self._cases_to_look_at(now):
            self._each(self._look_at, case_id, now)
        for document_id in self._documents_to_make(now):
            self._each(self._make, document_id, now)
        self._send(now)
        return True

    def _each(self, work: Callable[[int, datetime], None], row_id: int, now: datetime) -> None:
        try:
            work(row_id, now)
        except (Refused, SQLAlchemyError, ValueError, LookupError) as error:
            log.exception("%s %s: %s", work.__name__.strip("_"), row_id, type(error).__name__)

    # The lease

    def _take_lease(self, now: datetime) -> bool:
        with transaction(self.sessions) as session:
            beat = session.get(Heartbeat, "worker", with_for_update=True)
            if beat is None:
                beat = Heartbeat(name="worker", at=now, holder=self.name, lease_until=now + LEASE)
                session.add(beat)
                return True
            stepped_back = beat.at > now + LEASE
            if beat.holder != self.name and beat.lease_until > now and not stepped_back:
                return False
            beat.at, beat.holder, beat.lease_until = now, self.name, now + LEASE
            return True

    # Looking at cases

    def _cases_to_look_at(self, now: datetime) -> list[int]:
        with reading(self.sessions) as session:
            due = select(Case.id).where(Case.look_again_at <= now)
            return list(session.scalars(due.order_by(Case.look_again_at, Case.id).limit(CASES_A_TICK)))

    def _look_at(self, case_id: int, now: datetime) -> None:
        """What is due in one case is told, what happens by itself is done, and the next look is set."""
        with transaction(self.sessions) as session:
            look = self._look(session, case_id, now)
            for rung in rungs.due(look):
                _tell(session, look, rung)
            look.case.look_again_at = rungs.next_look(look)
            by_itself = due_by_itself(session, look.case, look.definition, now)
        for trigger in by_itself[:1]:
            with transaction(self.sessions) as session:
                perform(session, self.definitions, Command(look.case.public_id, trigger, None), now)

    def _look(self, session: Session, case_id: int, now: datetime) -> Look:
        case = session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()
        return Look(
            case,
            self.definitions[case.review, case.definition_version],
            running(session, [case_id]),
            progress(session, [case_id])[case_id],
            now,
            calendar(session),
            self.settings.told_from,
        )

    # Making documents

    def _documents_to_make(self, now: datetime) -> list[int]:
        with reading(self.sessions) as session:
            asked = select(Document.id).where(
                Document.making == Making.ASKED_FOR, Document.try_again_at <= now
            )
            return list(session.scalars(asked.order_by(Document.id).limit(20)))

    def _make(self, document_id: int, now: datetime) -> None:
        with reading(self.sessions) as session:
            document = session.get_one(Document, document_id)
            kind, title, source, added_at = (
                document.kind,
                document.title,
                document.source or {},
                document.added_at,
            )
        try:
            content = self.maker.make_pdf(
                document_html(kind, title, source), title=title, created_on=london_date(added_at)
            )
        except PdfFailed as error:
            return self._note_failure(document_id, str(error), now)
        with transaction(self.sessions) as session:
            documents.made(session, document_id, content)
            case = session.scalars(
                select(Case).join(Document, Document.case_id == Case.id).where(Document.id == document_id)
            ).one()
            case.look_again_at = now
            case_id = case.id
        self._look_at(case_id, now)

    def _note_failure(self, document_id: int, why: str, now: datetime) -> None:
        log.error("document %s could not be made: %s", document_id, why)
        with transaction(self.sessions) as session:
            document = session.get_one(Document, document_id)
            document.attempts += 1
            document.failure = why
            if document.attempts < len(MAKING_PAUSES):
                document.try_again_at = now + timedelta(minutes=MAKING_PAUSES[document.attempts])
            else:
                document.making = Making.FAILED

    # Sending

    def _send(self, now: datetime) -> None:
        with transaction(self.sessions) as session:
            claimed = claim(session, now)
        for alert_id in claimed:
            self._each(self._send_one, alert_id, now)

    def _send_one(self, alert_id: int, now: datetime) -> None:
        if not self._is_still_owed(alert_id, now):
            return settle(self.sessions, alert_id, Delivery.NOT_NEEDED, now)
        deliver(self.sessions, alert_id, self.mailer, self.settings, now)

    def _is_still_owed(self, alert_id: int, now: datetime) -> bool:
        with reading(self.sessions) as session:
            alert = session.get_one(Alert, alert_id)
            if alert.still_owed is None or alert.case_id is None:
                return True
            return alert.still_owed in rungs.still_owed(self._look(session, alert.case_id, now))


def _tell(session: Session, look: Look, rung: Rung) -> None:
    for person in _told(session, look, rung):
        alerts.write(
            session,
            key=f"{rung.ladder}:{rung.step}:{person.id}",
            person_id=person.id,
            message=rung.message,
            variables=rung.variables(look),
            now=look.now,
            case_id=look.case.id,
            still_owed=rung.owed,
        )


def _told(session: Session, look: Look, rung: Rung) -> list[Person]:
    """The holders of the rung's roles; for an agency, those who answer its request."""
    today = london_date(look.now)
    found = people_told(session, rung.roles, [look.case.area_id], [], today)
    if rung.agency is not None:
        roles = [role for role in rung.roles if role in AGENCY_ROLES]
        found += [person for _, person in answering(session, [rung.agency], roles, today)]
    return found


# The timer


def run(worker: Worker, clock: Callable[[], datetime], *, in_process: bool = False) -> BaseScheduler:
    """Tick every fifteen seconds, from now on, until told to stop; in this process's own thread if wished.

    APScheduler is only the timer: what is due is computed at each tick, so that a tick that was missed
    loses nothing. On SIGTERM a tick under way is finished first.
    """
    defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    scheduler = (BackgroundScheduler if in_process else BlockingScheduler)(
        job_defaults=defaults, timezone="UTC"
    )
    scheduler.add_job(_ticking, "interval", [worker, clock], seconds=EVERY_SECONDS)
    if not in_process:
        _stop_when_told(scheduler)
        _ticking(worker, clock)
    log.info("worker %s ticks every %s seconds", worker.name, EVERY_SECONDS)
    scheduler.start()
    return scheduler


def _ticking(worker: Worker, clock: Callable[[], datetime]) -> None:
    """One tick; a failure of the database is noted, and the next tick tries again."""
    try:
        worker.tick(clock())
    except SQLAlchemyError as error:
        log.error("this tick could not be finished: %s", type(error).__name__)


def _stop_when_told(scheduler: BaseScheduler) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
