"""Passwords: kept as Argon2id hashes, compared with the same work whether or not there is one."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from reviewflow.people import Person

LEAST = 12
MOST = 200
TOO_WELL_KNOWN = frozenset(
    {
        "123456789012",
        "1234567890123",
        "changeme1234",
        "letmeinletmein",
        "password1234",
        "passwordpassword",
        "qwertyuiop12",
        "qwertyuiopasdf",
        "safeguarding",
        "safeguarding1",
        "welcome12345",
    }
)


class Passwords:
    """How this service hashes passwords; `cheap` is for tests, which sign in by the hundred."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = _hasher(cheap)
        self._nobodys = _nobodys_hash(cheap)

    def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        return self._hasher.hash(_one_form(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether this is the password; where none is kept, no, after as much work."""
        try:
            return self._hasher.verify(kept or self._nobodys, _one_form(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_dated(self, kept: str) -> bool:
        """Whether a hash was made in an earlier manner and should be made anew."""
        return self._hasher.check_needs_rehash(kept)


def reason_against(password: str, person: Person) -> str | None:
    """Why `person` should not have this password; None for a good one."""
    plain = _one_form(password).casefold()
    if len(plain) < LEAST:
        return f"Your password must have {LEAST} characters or more. Three words make a good one"
    if len(set(plain)) < 5 or plain in TOO_WELL_KNOWN:
        return "This password is easy to guess. Choose another"
    if person.email.split("@")[0].casefold() in plain or person.name.casefold() in plain:
        return "Your password must not hold your name or your email address"
    return None


def _hasher(cheap: bool) -> PasswordHasher:
    return PasswordHasher.from_parameters(profiles.CHEAPEST if cheap else profiles.RFC_9106_LOW_MEMORY)


@cache
def _nobodys_hash(cheap: bool) -> str:
    return _hasher(cheap).hash("a password that is nobody's")


def _one_form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
