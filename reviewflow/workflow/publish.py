"""What is published never changes: `published.txt` keeps the SHA-256 of each published file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

PUBLISHED = "published.txt"
_FILES = ("*/v*.yaml", "criteria/*.yaml")


def publish(folder: Path) -> list[str]:
    """Adds what is not published yet to `published.txt`, and returns those paths.

    Raises ValueError, and publishes nothing, when a file that was published before is not as it was.
    """
    changed = changed_published(folder)
    if changed:
        raise ValueError("\n".join(changed))
    known = _published(folder)
    found = {path.relative_to(folder).as_posix(): path for shape in _FILES for path in folder.glob(shape)}
    added = sorted(name for name in found if name not in known)
    with (folder / PUBLISHED).open("a", encoding="utf-8", newline="\n") as listing:
        listing.writelines(f"{_sha256(found[name])}  {name}\n" for name in added)
    return added


def changed_published(folder: Path) -> list[str]:
    """A sentence for each published file that has changed or gone since."""
    return [
        sentence
        for name, sha256 in _published(folder).items()
        if (sentence := _change(folder / name, name, sha256))
    ]


def _change(path: Path, name: str, sha256: str) -> str | None:
    if not path.is_file():
        return f"{name} is published and has gone. Cases may have been opened under it: put it back."
    if _sha256(path) != sha256:
        return f"{name} is published and has changed. Put it back, and write the change as a new version."
    return None


def _published(folder: Path) -> Mapping[str, str]:
    listing = folder / PUBLISHED
    lines = listing.read_text("utf-8").splitlines() if listing.is_file() else []
    pairs = (line.split("  ", 1) for line in lines if line.strip())
    return {name: sha256 for sha256, name in pairs}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
