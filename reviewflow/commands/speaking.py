"""How every sub-command speaks, and what the table says of each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(sentence: str) -> int:
    """The sentence on standard error; returns the exit code for a command that could not be carried out."""
    sys.stderr.write(f"{sentence}\n")
    return 2


def no_options(_parser: argparse.ArgumentParser) -> None:
    """For a sub-command that takes none."""


@dataclass(frozen=True)
class SubCommand:
    """Its words, what it is for, the options it takes, and the function that returns its exit code."""

    words: tuple[str, ...]
    purpose: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
