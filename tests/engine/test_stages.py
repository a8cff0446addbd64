"""A rapid review can be brought to every state it has, by the acts of the people it takes."""

import pytest

from reviewflow.situation import Actor, Part, look
from tests.making import STAGES, make_case


def test_every_state_of_the_rapid_review_has_a_way_there(definitions):
    assert set(STAGES) == set(definitions.latest("rapid-review").states)


@pytest.mark.parametrize("state", STAGES)
def test_a_case_comes_to(partnership, state):
    assert make_case(partnership, at=state).state == state


def test_what_was_taken_back_is_neither_before_the_ratifier_nor_ratified(partnership, definitions):
    case = make_case(partnership, at="awaiting_ratification")
    case.do("take_back_recommendation", "Ines", {"reason": "A return came in."})

    with partnership.sessions() as session:
        actor = Actor(partnership["Gwen"].id, None, "ratifier")
        definition = definitions.latest("rapid-review")
        seen = look(session, session.merge(case.row), definition, actor, case.now, [Part.RECOMMENDATION])

    assert seen.recommendation is None
