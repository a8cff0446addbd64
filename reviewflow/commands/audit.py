"""`reviewflow audit`: whether anybody has rewritten the record, and the record itself for others to check."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from reviewflow import db
from reviewflow.casefile.audit import audit, exported
from reviewflow.commands.speaking import SubCommand, complain, say
from reviewflow.settings import BadSetting, read_settings

FAULTS_FOUND = 1


def _verify_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, with the latest hash of every case")


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jsonl", action="store_true", required=True, help="one event a line")


def verify(options: argparse.Namespace) -> int:
    """Says what in the record does not fit; the exit code is 1 when something does not."""
    try:
        engine = db.connect(read_settings().database_url)
    except BadSetting as fault:
        return complain(str(fault))
    with db.reading(db.make_sessions(engine)) as session:
        found = audit(session)
    engine.dispose()
    if options.json:
        say(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        for line in found.faults or ["The record is whole."]:
            say(line)
        say(f"Looked at: {found.cases} cases, {found.events} events.")
        if found.taken_out:
            say(f"The answers of {found.taken_out} events are no longer those that were given.")
    return FAULTS_FOUND if found.faults else 0


def export(_options: argparse.Namespace) -> int:
    """Prints every event with all that its hash is made of, and without what was answered."""
    try:
        engine = db.connect(read_settings().database_url)
    except BadSetting as fault:
        return complain(str(fault))
    with db.reading(db.make_sessions(engine)) as session:
        for event in exported(session):
            say(json.dumps(event, ensure_ascii=False))
    engine.dispose()
    return 0


SUB_COMMANDS = (
    SubCommand(("audit", "verify"), "check that nobody has rewritten the record", _verify_options, verify),
    SubCommand(("audit", "export"), "print every event of every case", _export_options, export),
)
