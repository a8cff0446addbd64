"""What roles are called on pages: as the review definitions call them, and two that no definition names."""

from __future__ import annotations

from collections import Counter

from reviewflow.access import ADMINISTRATOR, SCRUTINEER
from reviewflow.web.database import definitions

BUILT_IN = {
    SCRUTINEER: "Independent scrutineer",
    ADMINISTRATOR: "Administrator",
}


def role_titles() -> dict[str, str]:
    """Every role that can be held in an area, called as most reviews call it."""
    named: dict[str, Counter[str]] = {}
    for definition in definitions():
        for role in definition.roles.values():
            if not role.held_for_this_case:
                named.setdefault(role.name, Counter())[role.title] += 1
    return {name: _usual(titles) for name, titles in named.items()} | BUILT_IN


def _usual(titles: Counter[str]) -> str:
    """The title given most often; of equals, the shortest."""
    return max(titles, key=lambda title: (titles[title], -len(title)))


def role_title(role: str) -> str:
    """The title of a role; its name in words for one that no definition names any more."""
    return role_titles().get(role) or role.replace("_", " ").capitalize()
