"""The `reviewflow` command line: a module for each word, and the table that names them all."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TypeAlias

from reviewflow.commands import audit, clocks, fixtures, migrate, people, serve

SUB_COMMANDS = (
    *serve.SUB_COMMANDS,
    *audit.SUB_COMMANDS,
    *clocks.SUB_COMMANDS,
    *migrate.SUB_COMMANDS,
    *people.SUB_COMMANDS,
    *fixtures.SUB_COMMANDS,
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
