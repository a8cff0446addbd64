"""`reviewflow clocks`: due dates with their workings."""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime

from reviewflow import working_days
from reviewflow.commands.speaking import SubCommand, complain, say


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


SUB_COMMANDS = (
    SubCommand(
        ("clocks", "explain"),
        "show when a length is due, and every day left out",
        _clocks_explain_options,
        clocks_explain,
    ),
)
