"""What the shipped definitions promise, proved over every path through them.

The walker here is the test's own: it reads the YAML and nothing of ours.
"""

from collections.abc import Collection, Iterator
from typing import Any

import pytest
import yaml

from tests.workflows.known import WORKFLOWS


def shipped(name: str) -> dict[str, Any]:
    return yaml.load((WORKFLOWS / name / "v1.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)


def steps(review: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every (state, trigger, state) of a definition."""
    still_open = [name for name, state in review["states"].items() if "final" not in state]
    for name, trigger in review["triggers"].items():
        sources, targets = trigger["from"], trigger["to"]
        if targets == "same":
            continue
        for source in still_open if sources == "any open state" else listed(sources):
            for target in listed(targets):
                yield source, name, target if isinstance(target, str) else target["state"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def reached(review: dict[str, Any], start: str, without: Collection[str] = ()) -> set[str]:
    """Every state a case can come to from `start` while none of these triggers is done."""
    found = {start}
    while True:
        more = {b for a, by, b in steps(review) if a in found and by not in without} - found
        if not more:
            return found
        found |= more


def shortest(review: dict[str, Any], goal: str) -> list[str]:
    """The triggers of a shortest way to a state."""
    ways: dict[str, list[str]] = {review["initial"]: []}
    while goal not in ways:
        ways.update({b: [*ways[a], by] for a, by, b in steps(review) if a in ways and b not in ways})
    return ways[goal]


def test_no_path_reaches_the_panel_without_ratification():
    review = shipped("rapid-review")

    without = reached(review, review["initial"], without=["ratify"])

    assert "with_panel" in reached(review, review["initial"])
    assert not without & {"ratified", "with_panel", "panel_replied", "national_review", "closed"}
    assert not without & {"practice_review_opened", "learning_review_opened"}


def test_what_the_panel_challenged_is_ratified_again_before_it_goes_back():
    review = shipped("rapid-review")

    assert "deciding" in reached(review, "with_panel")
    assert "with_panel" not in reached(review, "deciding", without=["ratify"])


@pytest.mark.parametrize(
    "passed_by", ["notify", "close_gathering", "send_to_decision", "recommend", "submit_to_panel"]
)
def test_every_way_to_the_panel_passes(passed_by: str):
    review = shipped("rapid-review")

    assert "with_panel" not in reached(review, review["initial"], without=[passed_by])


def test_no_rapid_review_ends_by_the_panel_without_its_reply():
    review = shipped("rapid-review")

    assert not reached(review, "with_panel", without=["record_panel_reply"]) - {"with_panel"}


def test_only_what_is_not_notified_or_not_reviewed_ends_without_a_recommendation():
    review = shipped("rapid-review")

    without = reached(review, review["initial"], without=["recommend"])

    ended = {state for state in without if "final" in review["states"][state]}
    assert ended == {"not_notified", "notified_only", "joined", "withdrawn"}


def test_whoever_ratifies_or_returns_took_no_part_and_has_no_conflict():
    triggers = shipped("rapid-review")["triggers"]

    for name in ("ratify", "return_with_reasons"):
        assert {"took_no_part_in_the_recommendation", "has_no_declared_conflict", "read_this_version"} <= {
            *triggers[name]["requires"]
        }
        assert set(triggers[name]["by"]) == {"ratifier", "alternate_ratifier"}


def test_the_service_does_nothing_but_put_the_report_before_the_ratifier():
    triggers = shipped("rapid-review")["triggers"]

    assert [name for name, trigger in triggers.items() if "service" in trigger["by"]] == [
        "put_before_ratifier"
    ]


def test_a_returned_recommendation_can_be_made_again():
    review = shipped("rapid-review")

    assert "awaiting_ratification" in reached(review, "deciding")
    assert ("awaiting_ratification", "return_with_reasons", "deciding") in set(steps(review))


def test_the_main_way_is_the_one_people_know():
    assert shortest(shipped("rapid-review"), "with_panel") == [
        "notify",
        "close_gathering",
        "send_to_decision",
        "recommend",
        "put_before_ratifier",
        "ratify",
        "submit_to_panel",
    ]


def test_a_short_cut_round_ratification_would_be_seen():
    review = shipped("rapid-review")
    review["triggers"]["submit_to_panel"]["from"] = ["ratified", "deciding"]

    assert "with_panel" in reached(review, review["initial"], without=["ratify"])


def test_no_review_in_essex_is_commissioned_or_refused_without_ratification():
    review = shipped("essex-rapid-review")

    without = reached(review, review["initial"], without=["ratify"])

    assert not without & {"under_review", "no_review", "with_stay_safe_groups", "monitoring", "finished"}
    assert set(review["triggers"]["ratify"]["by"]) == {"ratifier", "alternate_ratifier"}
    assert "took_no_part_in_the_recommendation" in review["triggers"]["ratify"]["requires"]


def test_a_disagreement_in_essex_stops_nothing():
    triggers = shipped("essex-rapid-review")["triggers"]

    for name in ("raise_disagreement", "record_managers_answer", "determine_way_forward"):
        assert (triggers[name]["from"], triggers[name]["to"]) == ("any open state", "same")


def test_nothing_in_devon_is_shared_before_all_three_partners_signed_off():
    review = shipped("devon-rapid-review")

    assert not reached(review, review["initial"], without=["sign_off"]) & {"signed_off", "shared"}
    assert review["triggers"]["sign_off"]["by_each"] == ["la_partner", "health_partner", "police_partner"]


def test_the_agreement_in_devon_is_only_asked_for_when_another_partner_refers():
    review = shipped("devon-rapid-review")

    assert "to_notify" in reached(review, review["initial"], without=["agree_to_go_forward"])
    assert "to_notify" not in reached(review, "agreeing", without=["agree_to_go_forward"])


def test_every_local_procedure_says_where_its_text_stops():
    stops = {
        name: {
            state for state, about in shipped(name)["states"].items() if about.get("final", "yes") != "yes"
        }
        for name in ("essex-rapid-review", "devon-rapid-review")
    }

    assert stops == {
        "essex-rapid-review": {"not_identified", "no_review"},
        "devon-rapid-review": {"other_next_steps", "not_signed_off", "shared"},
    }
