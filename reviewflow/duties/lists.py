"""Everything that waits for one person in one order: cases, requests, and what waits within cases."""

from __future__ import annotations

from sqlalchemy.orm import Session

from reviewflow.duties.asked import asked_requests
from reviewflow.duties.rows import A_PAGE, Asker, Listed
from reviewflow.duties.smaller import smaller_things
from reviewflow.duties.waiting import waiting_cases


def listed(session: Session, asker: Asker) -> list[Listed]:
    """The first rows of the list after the key: a page, and one more when there is a next page."""
    rows = [
        *waiting_cases(session, asker),
        *asked_requests(session, asker),
        *smaller_things(session, asker),
    ]
    return sorted(rows, key=lambda one: one.key)[: A_PAGE + 1]
