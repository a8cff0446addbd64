"""What goes to the national Panel and what comes back: the submission and the reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from reviewflow import clocks
from reviewflow.casefile.record import Act, Refused, set_fact
from reviewflow.working_days import in_words, london_date


class Reply(StrEnum):
    """What the Panel may answer."""

    AGREES = "agrees"
    ASKS = "asks"
    CHALLENGES = "challenges"
    NATIONAL_REVIEW = "national_review"


ASKED_BY = {"phone": "By phone", "mail": "By mail"}
"""How the Panel may be asked for its reply."""

REPLIES: Mapping[str, str] = {
    Reply.AGREES: "It agrees with the decision",
    Reply.ASKS: "It asks for more information",
    Reply.CHALLENGES: "It asks the partners to think again",
    Reply.NATIONAL_REVIEW: "It starts a national review",
}
"""The replies as people read them."""


def record_submission(act: Act) -> None:
    """Afterwards the review is with the Panel since the day it was sent; late if that is past the limit.

    Raises Refused when it was sent before it was ratified, or in the future.
    """
    sent_on = london_date(datetime.fromisoformat(act.answers["sent_at"]))
    _not_in_the_future(act, sent_on, "The submission")
    _not_before(act, sent_on, "ratified_on", "The submission", "the ratification")
    set_fact(act, "submitted_on", sent_on.isoformat())
    limits = [clock.last_day for clock in clocks.running(act.session, [act.case.id])]
    if limits:
        set_fact(act, "submitted_late", "yes" if sent_on > min(limits) else "no")


def record_panel_chase(act: Act) -> None:
    """Afterwards it is on record that the Panel was asked for its reply."""
    set_fact(act, "panel_chased_on", london_date(act.now).isoformat())


def record_panel_reply(act: Act) -> None:
    """Afterwards the Panel's reply is on file since the day it was received."""
    received_on = date.fromisoformat(act.answers["received_on"])
    _not_in_the_future(act, received_on, "The Panel's reply")
    _not_before(act, received_on, "submitted_on", "The Panel's reply", "the submission")
    set_fact(act, "panel_replied_on", received_on.isoformat())


def _not_in_the_future(act: Act, day: date, what: str) -> None:
    if day > london_date(act.now):
        raise Refused(f"{what} cannot lie in the future.")


def _not_before(act: Act, day: date, fact: str, what: str, earlier: str) -> None:
    known = act.facts.get(fact)
    if known and day < (first := date.fromisoformat(known[:10])):
        raise Refused(f"{what} cannot lie before {earlier}, which was on {in_words(first)}.")
