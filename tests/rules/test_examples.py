"""The example installation can be played: every step by somebody who may, from where the case then is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reviewflow.workflow.definition import ANY_OPEN_STATE, Definition, Trigger
from reviewflow.workflow.load import load

ROOT = Path(__file__).parents[2]
ESSEX = yaml.safe_load((ROOT / "examples" / "essex.yaml").read_text(encoding="utf-8"))
DEFINITION = load(ROOT / "workflows" / "rapid-review" / "v1.yaml")
ROLES = {p["email"]: {(r["role"], r["area"]) for r in p["roles"]} for p in ESSEX["people"]}
AGENCY_OF = {p["email"]: p["agency"] for p in ESSEX["people"]}
AGENCY_ROLES = {"agency_contact", "agency_senior"}
SETTLES = {"answer_not_involved", "sign_off_return", "enter_return_on_behalf", "go_on_without"}
STANDS_AT = [
    "referred",
    "gathering",
    "gathering",
    "analysing",
    "deciding",
    "awaiting_ratification",
    "ratified",
    "with_panel",
    "practice_review_opened",
    "not_notified",
    "gathering",
]


def when(at: dict[str, Any]) -> tuple[int, str]:
    return -at["working_days_ago"], at["time"]


def triggers(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (step for step in case["steps"] if "trigger" in step)


def may(person: str, trigger: Trigger, case: dict[str, Any], asked: set[str]) -> bool:
    if person == "service":
        return "service" in trigger.roles()
    held = {role for role, area in ROLES[person] if role in AGENCY_ROLES or area == case["area"]}
    if AGENCY_OF[person] not in asked:
        held -= AGENCY_ROLES
    return bool(held & set(trigger.roles()))


def next_state(state: str, trigger: Trigger, answered: dict[str, dict[str, Any]]) -> str:
    if trigger.same:
        return state
    for destination in trigger.destinations:
        condition = destination.when
        if condition is None:
            return destination.state
        asks = condition.answer
        if asks and answered.get(asks.trigger, {}).get(asks.question) == asks.value:
            return destination.state
    raise AssertionError(f"{trigger.name} leads nowhere")


def played(case: dict[str, Any], definition: Definition) -> str:
    state = definition.initial
    asked: set[str] = set()
    settled: set[str] = set()
    answered: dict[str, dict[str, Any]] = {}
    for step in triggers(case):
        trigger = definition.triggers[step["trigger"]]
        place = f"{step['trigger']} at {step['at']}"
        if "request_of" in step.get("subject", {}):
            assert step["subject"]["request_of"] in asked, place
        assert state in trigger.sources or ANY_OPEN_STATE in trigger.sources, f"{place}: the case is {state}"
        assert may(step["by"], trigger, case, asked), f"{place}: not by {step['by']}"
        if step["trigger"] in SETTLES:
            settled.add(step["subject"]["request_of"])
        assert step["trigger"] != "close_gathering" or settled == asked, place
        answered[step["trigger"]] = step.get("answers", {})
        asked |= set(answered[step["trigger"]].get("agencies", []))
        state = next_state(state, trigger, answered)
    return state


@pytest.mark.parametrize(("case", "state"), list(zip(ESSEX["cases"], STANDS_AT, strict=True)))
def test_a_case_can_be_played_to_where_it_stands(case: dict[str, Any], state: str) -> None:
    assert played(case, DEFINITION) == state


@pytest.mark.parametrize("case", ESSEX["cases"])
def test_steps_follow_each_other_and_none_is_today(case: dict[str, Any]) -> None:
    times = [when(case["opened"]["at"])] + [when(step["at"]) for step in case["steps"]]

    assert times == sorted(times)
    assert all(days < 0 for days, _time in times)


def test_nobody_signs_off_a_return_they_wrote() -> None:
    for case in ESSEX["cases"]:
        wrote = {s["subject"]["request_of"]: s["by"] for s in triggers(case) if s["trigger"] == "send_return"}
        signed = {
            s["subject"]["request_of"]: s["by"] for s in triggers(case) if s["trigger"] == "sign_off_return"
        }

        assert set(signed) <= set(wrote)
        assert [agency for agency in signed if signed[agency] == wrote[agency]] == []


def test_the_arrangements_are_those_of_the_plan() -> None:
    essex = [agency for agency in ESSEX["agencies"] if agency["area"] == "Essex"]
    partners = [agency for agency in essex if agency["kind"] == "statutory partner"]
    on_the_list = [a for a in essex if a["kind"] in ("class", "relevant agency")]
    hubs = [group for group in ESSEX["groups"] if group["kind"] == "learning hub"]

    assert len(partners) == 7
    assert {agency["partner"] for agency in partners} == {"council", "health", "police"}
    assert (
        len(on_the_list) + 6 == 34
    )  # the police and the five commissioning groups are on the plan's list, too
    assert len(hubs) == 4


def test_every_name_a_case_uses_is_known() -> None:
    agencies = {agency["name"]: agency["kind"] for agency in ESSEX["agencies"]}
    areas = {area["name"] for area in ESSEX["areas"]}

    assert {agency["area"] for agency in ESSEX["agencies"]} <= areas
    assert set(AGENCY_OF.values()) <= set(agencies)
    for case in ESSEX["cases"]:
        named = {agency for step in triggers(case) for agency in step.get("answers", {}).get("agencies", [])}

        assert {agencies[name] for name in named} <= {"invented", "relevant agency", "statutory partner"}
        assert case["opened"]["by"] in ROLES


def test_everybody_is_invented_and_can_sign_in() -> None:
    assert len(ROLES) == len(ESSEX["people"])
    assert [p["email"] for p in ESSEX["people"] if not p["email"].endswith(".example")] == []
    assert [p["email"] for p in ESSEX["people"] if len(p["password"]) < 12] == []
