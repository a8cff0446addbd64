"""The `reviewflow` command line: one function per sub-command, and the table that names them all."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from alembic.util import CommandError
from sqlalchemy import Engine

from reviewflow import db, migrating, working_days
from reviewflow.settings import BadSetting, read_settings


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")


def complain(sentence: str) -> int:
    """The sentence on standard error; returns the exit code for a command that could not be carried out."""
    sys.stderr.write(f"{sentence}\n")
    return 2


# clocks explain


def _clocks_explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="start", required=True, metavar="DATE", help="2026-12-10, or 2026-12-10T14:30"
    )
    parser.add_argument("--length", required=True, help="15 working days, 6 months, 48 hours, …")
    parser.add_argument("--count", default="day_after", help="day_after (the default) or same_day")
    parser.add_argument("--before", action="store_true", help="count back from the date")
    parser.add_argument("--json", action="store_true", help="print JSON")


def clocks_explain(options: argparse.Namespace) -> int:
    """Prints when a length is due and how that was counted."""
    count = working_days.due_before if options.before else working_days.due
    try:
        start = _day_or_moment(options.start)
        length = working_days.Length.parse(options.length)
        workings = count(start, length, working_days.shipped_calendar(), options.count)
    except ValueError as refusal:
        return complain(str(refusal))
    if options.json:
        say(json.dumps(workings.to_json(), indent=2, ensure_ascii=False))
    else:
        _print_workings(workings)
    return 0


def _day_or_moment(text: str) -> date | datetime:
    """A day, or a moment; a moment without an offset is a London time. Raises ValueError with a sentence."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a date. Write it like 2026-12-10, or 2026-12-10T14:30.") from None
    return moment if moment.tzinfo else working_days.from_london(moment)


def _print_workings(workings: working_days.Workings) -> None:
    in_words = working_days.in_words
    due_at = workings.due
    time = f"{working_days.to_london(due_at):%H:%M} on " if isinstance(due_at, datetime) else ""
    say(workings.rule)
    say(f"Due: {time}{in_words(workings.due_on)}")
    if workings.day_one:
        say(f"Day 1: {in_words(workings.day_one)}")
    if workings.last_working_day != workings.due_on:
        say(f"Last working day: {in_words(workings.last_working_day)}")
    for day, reason in workings.left_out:
        say(f"Left out: {in_words(day)}{'' if day.weekday() >= 5 else f' ({reason})'}")
    say(f"Calendar: {workings.calendar_version}")


# migrate


def _migrate_up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", default="head", metavar="VERSION", help="such as 0001; the newest if not given"
    )


def _migrate_down_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True, metavar="VERSION", help="such as 0001, or base for no tables")


def migrate_up(options: argparse.Namespace) -> int:
    """Brings the database's tables to a version, and says which it is."""
    return _migrate(migrating.migrate_up, options.to)


def migrate_down(options: argparse.Namespace) -> int:
    """Takes the database's tables back to an earlier version, and says which it is."""
    return _migrate(migrating.migrate_down, options.to)


def _migrate(change: Callable[[Engine, str], None], to: str) -> int:
    try:
        engine = db.connect(read_settings().database_url)
    except BadSetting as fault:
        return complain(str(fault))
    try:
        change(engine, to)
        say(f"The database is at version {migrating.version_of(engine) or 'base: it has no tables'}.")
    except CommandError as fault:
        return complain(f"The database was not changed. {fault}")
    finally:
        engine.dispose()
    return 0


# The table


@dataclass(frozen=True)
class SubCommand:
    """Its words, what it is for, the options it takes, and the function that returns its exit code."""

    words: tuple[str, ...]
    purpose: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


SUB_COMMANDS = (
    SubCommand(
        ("clocks", "explain"),
        "show when a length is due, and every day left out",
        _clocks_explain_options,
        clocks_explain,
    ),
    SubCommand(
        ("migrate", "up"), "bring the database to the newest version", _migrate_up_options, migrate_up
    ),
    SubCommand(
        ("migrate", "down"), "take the database back to a version", _migrate_down_options, migrate_down
    ),
)


_Level: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _parser() -> argparse.ArgumentParser:
    """A parser for every sub-command; words in common share a level."""
    top = argparse.ArgumentParser(
        prog="reviewflow", description="Learning reviews, from referral to briefing."
    )
    levels: dict[tuple[str, ...], _Level] = {(): top.add_subparsers(metavar="COMMAND", required=True)}
    for command in SUB_COMMANDS:
        for depth, word in enumerate(command.words[:-1]):
            group = command.words[: depth + 1]
            if group not in levels:
                parser = levels[group[:-1]].add_parser(word)
                levels[group] = parser.add_subparsers(metavar="COMMAND", required=True)
        parser = levels[command.words[:-1]].add_parser(
            command.words[-1], help=command.purpose, description=command.purpose
        )
        command.add_options(parser)
        parser.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one sub-command and returns its exit code: 0, or 2 with a sentence on standard error."""
    options = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)
