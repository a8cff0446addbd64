"""Sending what waits in the outbox: at least once, tried again with growing pauses, or failed for all."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from reviewflow.alerts import Alert, Delivery
from reviewflow.alerts.mail import compose
from reviewflow.db import Sessions, reading, transaction
from reviewflow.people import Person
from reviewflow.settings import Settings


class NotSent(Exception):
    """The mail was not taken. `for_good` when trying again would not help; the message holds no content."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class Mailer(Protocol):
    """Where mail goes: a mail server, or a folder for the demo."""

    def send(self, mail: EmailMessage) -> None:
        """Hand the mail over. Raises NotSent."""
        ...


PAUSES = (1, 2, 5, 10, 20, 40, 60, 120, 240, 480)
"""Minutes between one try and the next; after the last one the alert has failed, and shows."""


def claim(session: Session, now: datetime, limit: int = 50) -> list[int]:
    """The alerts to try now, kept from every other sender until the next try; at most `limit`."""
    waiting = select(Alert.id).where(Alert.delivery == Delivery.WAITING, Alert.next_try_at <= now)
    claimed = []
    for alert_id in session.scalars(waiting.order_by(Alert.next_try_at, Alert.id).limit(limit)).all():
        attempts = session.scalar(select(Alert.attempts).where(Alert.id == alert_id)) or 0
        pause = timedelta(minutes=PAUSES[min(attempts, len(PAUSES) - 1)])
        taken = session.execute(
            update(Alert)
            .where(Alert.id == alert_id, Alert.delivery == Delivery.WAITING, Alert.next_try_at <= now)
            .values(attempts=Alert.attempts + 1, next_try_at=now + pause)
        )
        if cast("CursorResult[tuple[int]]", taken).rowcount:
            claimed.append(alert_id)
    return claimed


def deliver(sessions: Sessions, alert_id: int, mailer: Mailer, settings: Settings, now: datetime) -> None:
    """Hand one claimed alert over and note how it went; the address is the person's as it is now."""
    with reading(sessions) as session:
        alert = session.get_one(Alert, alert_id)
        person = session.get_one(Person, alert.person_id)
        mail = compose(alert, person.email, settings) if person.left_at is None else None
        attempts = alert.attempts
    if mail is None:
        return settle(sessions, alert_id, Delivery.NOT_NEEDED, now)
    try:
        mailer.send(mail)
    except NotSent as error:
        given_up = error.for_good or attempts >= len(PAUSES)
        return settle(sessions, alert_id, Delivery.FAILED if given_up else Delivery.WAITING, now, str(error))
    settle(sessions, alert_id, Delivery.SENT, now)


def settle(
    sessions: Sessions, alert_id: int, delivery: Delivery, now: datetime, failure: str | None = None
) -> None:
    """Afterwards the outbox says how far this alert has come."""
    with transaction(sessions) as session:
        alert = session.get_one(Alert, alert_id)
        alert.delivery, alert.failure = delivery, failure
        alert.sent_at = now if delivery is Delivery.SENT else None


# Where mail goes


class MailServer:
    """An SMTP server, one connection a mail; encrypted as the settings say."""

    def __init__(self, settings: Settings, seconds: float = 20.0) -> None:
        self.settings = settings
        self.seconds = seconds

    def send(self, mail: EmailMessage) -> None:
        """Hand the mail over. Raises NotSent, for good when the server refuses the recipient or the mail."""
        try:
            with self._connected() as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(reply[0] for reply in error.recipients.values())
            raise NotSent(f"the mail server refused the address ({code})", for_good=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            lasting = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise NotSent(f"the mail server answered {error.smtp_code}", for_good=lasting) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the mail server could not be reached ({type(error).__name__})") from error

    def _connected(self) -> smtplib.SMTP:
        chosen = self.settings
        host, port = chosen.smtp_host or "localhost", chosen.smtp_port
        context = ssl.create_default_context()
        if chosen.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.seconds, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=self.seconds)
        if chosen.smtp_security == "starttls":
            server.starttls(context=context)
        if chosen.smtp_user:
            server.login(chosen.smtp_user, chosen.smtp_password or "")
        return server


class MailFolder:
    """A folder that keeps each mail as a file, for the demo and where there is no mail server yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: EmailMessage) -> None:
        """Afterwards the mail lies in the folder. Raises NotSent when it cannot be written."""
        name = mail["Message-ID"].strip("<>").partition("@")[0]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.eml").write_bytes(mail.as_bytes())
        except OSError as error:
            raise NotSent(f"the mail folder cannot be written ({type(error).__name__})") from error


def mailer(settings: Settings) -> Mailer:
    """The mailer the settings name: a mail server, else a folder (by default `mail` in the data folder)."""
    if settings.smtp_host:
        return MailServer(settings)
    return MailFolder(settings.mail_folder or settings.data_folder / "mail")
