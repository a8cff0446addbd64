"""Every setting, read once from the environment and then fixed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path


class BadSetting(Exception):
    """A setting cannot be used; the message names it and says what it should be."""


def resource_folder(name: str) -> Path:
    """The folder of `templates`, `workflows`, `migrations`, `static` or `examples`.

    A checkout has it at the top, a wheel inside the package. Raises FileNotFoundError when neither does.
    """
    package = Path(__file__).resolve().parent
    places = (package / "resources" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {name} is missing: looked in {places[0]} and {places[1]}")


@dataclass(frozen=True)
class Settings:
    """What an operator chooses. A default stands only where it is right for the public, live service."""

    secret_key: str
    data_folder: Path
    database_url: str
    public_url: str = "http://127.0.0.1:8000"
    bind: str = "127.0.0.1:8000"
    smtp_host: str | None = None
    smtp_port: int = 25
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_security: str = "starttls"
    mail_from: str = "reviewflow@localhost"
    mail_folder: Path | None = None
    own_workflows: Path | None = None
    demo: bool = False
    idle_minutes: int = 30
    absolute_hours: int = 10
    told_from: time = time(8, 0)
    told_until: time = time(18, 0)
    proxies: int = 0
    cheap_passwords: bool = False
    """For tests only: nothing in the environment sets it."""

    @property
    def is_public_https(self) -> bool:
        """Whether people reach the service over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def workflow_folders(self) -> list[Path]:
        """Where review definitions lie: those that come with ReviewFlow, and the installation's own."""
        return [resource_folder("workflows"), *([self.own_workflows] if self.own_workflows else [])]


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings named REVIEWFLOW_… in `environment`. Raises BadSetting, naming the first bad one.

    Without REVIEWFLOW_SECRET_KEY a random key is kept in the data folder, readable by its owner only.
    """
    folder = Path(environment.get("REVIEWFLOW_DATA", "var")).resolve()
    demo = _yes_no(environment, "REVIEWFLOW_DEMO", default=False)
    mail_folder = environment.get("REVIEWFLOW_MAIL_FOLDER")
    own = environment.get("REVIEWFLOW_WORKFLOWS")
    security = environment.get("REVIEWFLOW_SMTP_SECURITY", "starttls")
    if security not in ("none", "starttls", "tls"):
        raise BadSetting("REVIEWFLOW_SMTP_SECURITY must be none, starttls or tls")
    return Settings(
        secret_key=environment.get("REVIEWFLOW_SECRET_KEY") or _kept_key(folder),
        data_folder=folder,
        database_url=environment.get("REVIEWFLOW_DATABASE_URL", f"sqlite:///{folder / 'reviewflow.db'}"),
        public_url=environment.get("REVIEWFLOW_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        bind=environment.get("REVIEWFLOW_BIND", "127.0.0.1:8000"),
        smtp_host=environment.get("REVIEWFLOW_SMTP_HOST") or None,
        smtp_port=_number(environment, "REVIEWFLOW_SMTP_PORT", 25),
        smtp_user=environment.get("REVIEWFLOW_SMTP_USER") or None,
        smtp_password=environment.get("REVIEWFLOW_SMTP_PASSWORD") or None,
        smtp_security=security,
        mail_from=environment.get("REVIEWFLOW_MAIL_FROM", "reviewflow@localhost"),
        mail_folder=Path(mail_folder) if mail_folder else (folder / "mail" if demo else None),
        own_workflows=Path(own) if own else None,
        demo=demo,
        idle_minutes=_number(environment, "REVIEWFLOW_IDLE_MINUTES", 30),
        absolute_hours=_number(environment, "REVIEWFLOW_ABSOLUTE_HOURS", 10),
        told_from=_clock_time(environment, "REVIEWFLOW_TOLD_FROM", time(8, 0)),
        told_until=_clock_time(environment, "REVIEWFLOW_TOLD_UNTIL", time(18, 0)),
        proxies=_number(environment, "REVIEWFLOW_PROXIES", 0),
    )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "").strip()
    if not value:
        return default
    if not value.isdigit() or int(value) == 0:
        raise BadSetting(f"{name} must be a whole number above 0")
    return int(value)


def _yes_no(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name, "").strip().lower()
    if value not in ("", "yes", "no"):
        raise BadSetting(f"{name} must be yes or no")
    return default if value == "" else value == "yes"


def _clock_time(environment: Mapping[str, str], name: str, default: time) -> time:
    value = environment.get(name, "").strip()
    if not value:
        return default
    try:
        return time.fromisoformat(value)
    except ValueError as error:
        raise BadSetting(f"{name} must be a time such as 08:00") from error


def _kept_key(folder: Path) -> str:
    path = folder / "secret-key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()
