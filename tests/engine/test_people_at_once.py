"""Two at once, about people: the register never forks, a one-time link is used once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from reviewflow.db import transaction
from reviewflow.people import LinkPurpose, Person, RegisterEntry, links, register, roles
from reviewflow.people.roles import NotPossible
from tests.making import london

NOW = london("2026-12-14 12:00")


def at_once(number, act):
    """What `number` callers of `act` get who start together."""
    start = Barrier(number)

    def go(which):
        start.wait()
        return act(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(go, range(number)))


def test_eight_writers_of_the_register_leave_one_chain(sessions):
    def enter(which):
        for number in range(5):
            with transaction(sessions) as session:
                register.enter(session, "role given", {"by": which, "entry": number}, None, NOW)

    at_once(8, enter)

    with sessions() as session:
        assert list(session.scalars(select(RegisterEntry.number).order_by(RegisterEntry.number))) == list(
            range(1, 41)
        )
        assert list(register.faults(session)) == []


def test_a_link_pressed_twice_at_once_sets_one_password(partnership):
    petra = partnership["Petra"]
    with transaction(partnership.sessions) as session:
        link = links.make(session, session.get_one(Person, petra.id), LinkPurpose.INVITATION, NOW)

    def use(which):
        with transaction(partnership.sessions) as session:
            person = session.get_one(Person, petra.id)
            return links.use(session, link, person, f"hash {which}", NOW)

    done = at_once(4, use)

    with partnership.sessions() as session:
        assert session.get_one(Person, petra.id).password_hash == f"hash {done.index(True)}"
    assert sorted(done) == [False, False, False, True]


def test_a_role_that_lasts_is_not_given_a_second_time(partnership):
    hugo, essex = partnership["Hugo"], partnership.areas["Essex"]
    days = (NOW.date(), None)

    with pytest.raises(NotPossible, match="holds this role"), transaction(partnership.sessions) as session:
        roles.give_role(session, session.get_one(Person, hugo.id), "member", essex, days, None, NOW)

    with partnership.sessions() as session:
        assert session.scalars(select(RegisterEntry)).all() == []
