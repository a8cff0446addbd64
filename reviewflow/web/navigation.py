"""Where a signed-in person can go from every page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from reviewflow.access import ADMINISTRATOR, NO_CASES_OF_THEIR_AREA, SCRUTINEER
from reviewflow.web import health
from reviewflow.web.page import Nav, NavLink
from reviewflow.web.people.asking import MAY_LOOK
from reviewflow.web.signed_in import current_roles, person_or_none


@dataclass(frozen=True)
class Place:
    """A place in the navigation: for holders of one of `only`, and for those with more than `not_only`."""

    text: str
    endpoint: str
    only: frozenset[str] = frozenset()
    not_only: frozenset[str] = frozenset()

    def is_for(self, held: frozenset[str]) -> bool:
        """Whether somebody who holds these roles is shown the way there."""
        if self.endpoint not in current_app.view_functions:
            return False
        return bool(held & self.only) if self.only else not self.not_only or bool(held - self.not_only)


PLACES = (
    Place("Your work", "cases.your_work"),
    Place("Board", "cases.board", not_only=frozenset(NO_CASES_OF_THEIR_AREA)),
    Place("Cases", "cases.listing_of_cases", not_only=frozenset({ADMINISTRATOR})),
    Place("Refer an incident", "opening.choose", not_only=frozenset({ADMINISTRATOR, SCRUTINEER})),
    Place("People", "people.listed", only=frozenset(MAY_LOOK)),
    Place("Agencies", "agencies.listed", only=frozenset(MAY_LOOK)),
    Place("Calendar", "calendar.bank_holidays"),
    Place("Mail", "mail.listing", only=frozenset({ADMINISTRATOR, "coordinator"})),
    Place("Register", "register.listed", only=frozenset({SCRUTINEER})),
)


def for_this_person() -> Nav:
    """The navigation for the person who is asking; nearly nothing for somebody who is not signed in."""
    person = person_or_none()
    if person is None:
        return Nav()
    held = frozenset(one.role for one in current_roles())
    places = [(place.text, url_for(place.endpoint)) for place in PLACES if place.is_for(held)]
    here = max((href for _, href in places if _is_within(href)), key=len, default="")
    return Nav(
        links=[NavLink(text=text, href=href, active=href == here) for text, href in places],
        person=person.name,
        sign_out=url_for("signing_in.sign_out"),
        warning=health.warning(),
    )


def _is_within(href: str) -> bool:
    return request.path == href or (href != "/" and request.path.startswith(f"{href}/"))
