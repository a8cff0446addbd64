"""A rapid review can be brought to every state it has, by the acts of the people it takes."""

import pytest

from tests.making import STAGES, make_case


def test_every_state_of_the_rapid_review_has_a_way_there(definitions):
    assert set(STAGES) == set(definitions.latest("rapid-review").states)


@pytest.mark.parametrize("state", STAGES)
def test_a_case_comes_to(partnership, state):
    assert make_case(partnership, at=state).state == state
