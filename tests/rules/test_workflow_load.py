"""Definitions are read strictly, and every fault of a file is told at once with its line."""

from pathlib import Path

from reviewflow.workflow.load import load_all

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def test_the_definitions_of_this_folder_are_read():
    definitions = load_all([WORKFLOWS])

    rapid_review = definitions.latest("rapid-review")

    assert rapid_review.version == 1
    assert rapid_review.initial == "referred"
    assert definitions["rapid-review", 1] is rapid_review
    assert rapid_review.criteria in definitions.criteria
