"""A definition drawn: the Mermaid text, the picture, and the manual in words."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reviewflow.workflow import draw
from reviewflow.workflow.definition import Definition
from reviewflow.workflow.draw import words
from reviewflow.workflow.draw.manual import Limit, Stage
from reviewflow.workflow.load import load
from tests.workflows.known import DEFINITIONS, WORKFLOWS

SVG = "{http://www.w3.org/2000/svg}"
EVERYTHING = sorted([*DEFINITIONS.glob("*.yaml"), *WORKFLOWS.glob("*/v*.yaml")])


def feature(name: str) -> Definition:
    return load(DEFINITIONS / f"{name}.yaml")


def stage(name: str, state: str) -> Stage:
    return next(stage for stage in draw.manual(feature(name)).stages if stage.state == state)


def limit(limits: tuple[Limit, ...], name: str) -> str:
    return " ".join(next(limit for limit in limits if limit.name == name).sentences)


def texts_of(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_mermaid_shows_states_moves_and_ends():
    assert draw.mermaid(feature("branches")) == (
        "%% A review with several ways on, version 1: drawn from its definition, not by hand.\n"
        "stateDiagram-v2\n"
        '  state "Asked" as asked\n'
        '  state "Decided" as decided\n'
        '  state "Stopped" as stopped\n'
        '  state "Something other" as other\n'
        '  state "Not known what follows" as unclear\n'
        '  state "Closed" as closed\n'
        "  [*] --> asked\n"
        "  asked --> stopped: Decide (when “Outcome” is “Stop”)\n"
        "  asked --> decided: Decide\n"
        "  decided --> asked: Close (when “Is another round needed?” is “Yes”)\n"
        "  decided --> other: Close (when “Kind” is “Other”)\n"
        "  decided --> unclear: Close (when everyone was asked and meeting was quorate)\n"
        "  decided --> closed: Close\n"
        "  stopped --> [*]\n"
        "  other --> [*]\n"
        "  unclear --> [*]\n"
        "  closed --> [*]\n"
    )


def test_mermaid_leaves_out_its_own_signs(tmp_path: Path):
    text = (DEFINITIONS / "by_each.yaml").read_text("utf-8")
    path = tmp_path / "v1.yaml"
    path.write_text(text.replace("title: Agree", 'title: "Not me: #1; {ask}"'), "utf-8")

    assert "deciding --> agreed: Not me, 1, (ask)\n" in draw.mermaid(load(path))


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_state_is_on_the_picture_once_and_inside_it(path: Path):
    definition = load(path)

    picture = ElementTree.fromstring(draw.svg(definition))

    width, height = (float(number) for number in picture.get("viewBox", "").split()[2:])
    boxes = [(group.get("data-state"), group.find(f"{SVG}rect")) for group in picture.iter(f"{SVG}g")]
    drawn = {state: rect for state, rect in boxes if state and rect is not None}
    assert set(drawn) == set(definition.states)
    spans = sorted(
        (float(rect.get("y", "")), float(rect.get("y", "")) + float(rect.get("height", "")))
        for rect in drawn.values()
    )
    assert all(above[1] < below[0] for above, below in pairwise(spans))
    assert spans[-1][1] <= height
    assert all(float(rect.get("x", "")) + float(rect.get("width", "")) <= width for rect in drawn.values())


def test_the_picture_says_where_the_case_is():
    svg = draw.svg(feature("branches"), present="decided")

    assert texts_of(svg).count("The case is here") == 1
    assert "The case is here: Decided." in svg
    assert "The case is here" not in draw.svg(feature("branches"))


def test_the_picture_has_a_title_and_a_description():
    picture = ElementTree.fromstring(draw.svg(feature("branches")))

    title, description = (picture.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert description is not None
    assert title.text == "A review with several ways on, version 1"
    assert description.text == (
        "The stages from first to last: Asked; Stopped; Decided; Something other;"
        " Not known what follows; Closed."
    )
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert picture.get("role") == "img"


def test_the_picture_is_safe_with_any_title(tmp_path: Path):
    text = (DEFINITIONS / "by_each.yaml").read_text("utf-8")
    path = tmp_path / "v1.yaml"
    path.write_text(text.replace("All three have agreed", "<script>alert(1)</script> & more"), "utf-8")

    svg = draw.svg(load(path))

    assert "<script>" not in svg
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in svg


def test_long_names_of_acts_are_cut_after_two_lines(tmp_path: Path):
    text = (DEFINITIONS / "at_due.yaml").read_text("utf-8")
    path = tmp_path / "v1.yaml"
    path.write_text(
        text.replace("title: Hold", f"title: Put the review on hold {'for a while ' * 9}"), "utf-8"
    )

    labels = [line for line in texts_of(draw.svg(load(path))) if line.startswith(("Put the", "while"))]

    assert len(labels) <= 2
    assert any(line.endswith("…") for line in texts_of(draw.svg(load(path))))


def test_the_manual_says_what_can_be_done_by_whom_and_then_what():
    decide = stage("branches", "asked").moves[0]

    assert decide.title == "Decide"
    assert decide.who == "Coordinator"
    assert decide.asks == ("Is another round needed?", "Speed")
    assert decide.leads_to == ("Stopped, when “Outcome” is “Stop”", "Decided, in every other case")


def test_the_manual_keeps_what_moves_the_case_apart_from_the_rest():
    asked = stage("effects", "asked")

    assert [act.name for act in asked.moves] == ["decide"]
    assert [act.name for act in asked.meanwhile] == ["answer"]
    assert asked.waits_on == "Coordinator and Contact in an agency"
    assert asked.moves[0].follows == (
        "What the agency knows: asked for",
        "Report: made, when everyone was asked",
        "Follow up: opened as a linked case, when “Outcome” is “Go on”",
        "Contact in an agency: told, when “Kind” is “Incident”",
    )


def test_the_manual_uses_the_sentences_of_rules_it_is_given():
    definition = feature("effects")

    manual = draw.manual(definition, {"everyone_was_asked": "Every agency has been asked"})

    assert manual.stages[0].moves[0].follows[1] == "Report: made, when every agency has been asked"


def test_the_manual_says_that_each_has_to_act():
    agree = stage("by_each", "deciding").moves[0]

    assert agree.who == (
        "Each of: Safeguarding partner for the council, Safeguarding partner for health"
        " and Safeguarding partner for the police"
    )
    assert agree.leads_to == ("All three have agreed",)


def test_the_manual_says_what_an_act_needs():
    assert stage("tasks", "under_way").moves[0].needs == (
        "“Tell the chair that a review is in progress” is done",
    )
    assert stage("at_due", "on_hold").moves[0].needs == ("Everyone was asked",)


def test_the_manual_says_how_a_review_ends():
    assert stage("branches", "closed").waits_on == "The review ends here."
    assert stage("branches", "unclear").waits_on == "What follows is not described in the source."
    assert stage("branches", "closed").is_final


def test_the_manual_says_clocks_in_words():
    before, due = draw.manual(feature("before")).clocks, draw.manual(feature("at_due")).clocks

    assert (
        limit(before, "papers") == "7 working days before “Meeting on” (local target). It runs in: Planned."
    )
    assert limit(before, "answer") == (
        "48 hours from “The case was opened” (expected reply). It runs in: Planned."
        " Told 24 hours before the end: Coordinator."
    )
    assert limit(before, "whole") == (
        "6 months from “The case was opened” (statutory). It runs in: Planned."
        " Draft: by month 3. Agreed: by month 5."
    )
    assert limit(due, "end_of_hold") == (
        "2 months from “Hold” (local target). It runs in: On hold."
        " When it is due, the service does this by itself: Resume."
    )


def test_the_manual_says_the_clocks_of_a_rapid_review():
    clocks = draw.manual(load(WORKFLOWS / "rapid-review" / "v1.yaml")).clocks

    said = limit(clocks, "notify_the_panel")

    assert said.startswith(
        "5 working days from “Council became aware on”, the day after being day 1 (statutory)."
        " It runs in: Referred for consideration. Told 5, 2 and 1 working days before the end: "
    )
    assert " Told when it is overdue: " in said
    assert " Told 1 working day before the end: " in limit(clocks, "panel_reply")


def test_the_manual_says_requests_in_words():
    requests = draw.manual(feature("effects")).requests

    assert limit(requests, "summary") == (
        "From working day 1 to working day 7 of “Limit”."
        " Reminded 2 and 1 working days before the end. Then told: Coordinator."
    )


def test_the_manual_says_a_request_with_nothing_more(tmp_path: Path):
    text = (DEFINITIONS / "effects.yaml").read_text("utf-8")
    path = tmp_path / "v1.yaml"
    path.write_text(text.replace(", remind: [2, 1], then_tell: coordinator", ""), "utf-8")

    assert limit(draw.manual(load(path)).requests, "summary") == (
        "From working day 1 to working day 7 of “Limit”."
    )


def test_the_manual_says_tasks_in_words():
    tasks = draw.manual(feature("tasks")).tasks

    assert limit(tasks, "tell_the_chair") == (
        "Owed by: Coordinator. It starts when this is done: “Begin”."
        " From working day 2 to working day 10 of “Limit”."
    )
    assert limit(tasks, "write_minutes") == (
        "Owed by: Coordinator. It starts each time this is done: “Hold a meeting”."
        " Due 5 working days after it starts."
    )
    assert limit(tasks, "report_progress") == (
        "Owed by: Coordinator or Member. Again every 3 months. Due 2 weeks after it starts."
    )
    assert limit(tasks, "tell_everybody") == (
        "Owed by: Coordinator. It starts when this is done: “Begin”. No day is set for it."
    )
    assert limit(tasks, "look_again") == (
        "Owed by: Chair of the executive. It starts when this is done: “Begin”."
        " Again every 6 months. From day 0 to day 5 after it starts."
    )


def test_a_day_that_counts_itself_is_said(tmp_path: Path):
    text = (DEFINITIONS / "tasks.yaml").read_text("utf-8")
    path = tmp_path / "v1.yaml"
    edited = text.replace("counts_from: begin,", "counts_from: begin, count: same_day,")
    path.write_text(edited.replace("starts: begin, every", "starts: open, every"), "utf-8")

    manual = draw.manual(load(path))

    assert limit(manual.clocks, "limit").startswith("15 working days from “Begin”, that day being day 1")
    assert "“The case was opened”" in limit(manual.tasks, "look_again")


def test_words_are_listed_and_lowered():
    assert words.listed([]) == ""
    assert words.listed(["one"]) == "one"
    assert words.listed(["one", "two", "three"], "or") == "one, two or three"
    assert words.lowered("The Panel") == "the Panel"
    assert words.lowered("NHS number is known") == "NHS number is known"
