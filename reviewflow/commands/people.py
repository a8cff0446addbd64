"""`reviewflow people`: the first people of an installation, who then invite the others on its pages."""

from __future__ import annotations

import argparse
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import db, invitations
from reviewflow.access import ADMINISTRATOR, SCRUTINEER
from reviewflow.commands.speaking import SubCommand, complain, say
from reviewflow.people import Agency, Area, links, roles
from reviewflow.people.roles import NotPossible
from reviewflow.settings import BadSetting, Settings, read_settings
from reviewflow.web.clock import wall_clock
from reviewflow.web.typed import Unreadable, read_email
from reviewflow.workflow.load import load_all
from reviewflow.working_days import london_date


def _invite_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", help="their own work address, with which they sign in")
    parser.add_argument("--name", required=True, help="their full name")
    parser.add_argument("--role", default=ADMINISTRATOR, help="administrator if not given")
    parser.add_argument("--area", required=True, metavar="CODE", help="the area, such as ESX")
    parser.add_argument("--area-name", metavar="NAME", help="adds the area, such as Essex")
    parser.add_argument("--agency", metavar="NAME", help="an agency of the area")


def invite(options: argparse.Namespace) -> int:
    """Adds somebody with one role from today, writes their invitation, and prints its link."""
    try:
        settings = read_settings()
        read_email(options.email, "The email address")
        _check_role(settings, options.role)
        return _invite(settings, options, wall_clock())
    except (BadSetting, NotPossible, Unreadable) as fault:
        return complain(f"{fault}.".replace("..", "."))


def _check_role(settings: Settings, role: str) -> None:
    named = {name for one in load_all(settings.workflow_folders) for name in one.roles}
    known = sorted(named | {ADMINISTRATOR, SCRUTINEER})
    if role not in known:
        raise NotPossible(f"There is no role {role}. The roles are {', '.join(known)}")


def _invite(settings: Settings, options: argparse.Namespace, now: datetime) -> int:
    engine = db.connect(settings.database_url)
    try:
        with db.transaction(db.make_sessions(engine)) as session:
            area = _area(session, options.area, options.area_name)
            agency = _agency(session, area, options.agency)
            person = roles.add_person(session, options.name, options.email, agency, None, now)
            roles.give_role(session, person, options.role, area, (london_date(now), None), None, now)
            link = invitations.invite(session, person, now)
            path = links.path_for_a_mail(settings.secret_key, links.named_in_a_mail(link))
    finally:
        engine.dispose()
    say(f"{options.name} is invited. The link in the mail works once, for 7 days:")
    say(settings.public_url + path)
    return 0


def _area(session: Session, code: str, name: str | None) -> Area:
    area = session.scalar(select(Area).where(Area.code == code))
    if area is None and name is None:
        raise NotPossible(f"There is no area {code}. Add it with --area-name")
    if area is None:
        area = Area(code=code, name=name)
        session.add(area)
        session.flush()
    return area


def _agency(session: Session, area: Area, name: str | None) -> Agency | None:
    if name is None:
        return None
    agency = session.scalar(select(Agency).where(Agency.area_id == area.id, Agency.name == name))
    if agency is None:
        raise NotPossible(f"{area.name} has no agency called {name}")
    return agency


SUB_COMMANDS = (
    SubCommand(
        ("people", "invite"), "invite somebody, such as the first administrator", _invite_options, invite
    ),
)
