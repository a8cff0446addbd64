"""Each feature of the format, in a small definition named after it."""

from pathlib import Path

import pytest

from reviewflow.workflow.check import check
from reviewflow.workflow.definition import (
    AnswerIs,
    ClockKind,
    Condition,
    Count,
    Definition,
    Destination,
    Effect,
    EffectKind,
    QuestionKind,
    Role,
    Task,
)
from reviewflow.workflow.load import load
from reviewflow.workflow.sections import length_in_units
from tests.workflows.known import DEFINITIONS, NAMES


def feature(name: str) -> Definition:
    return load(DEFINITIONS / f"{name}.yaml")


@pytest.mark.parametrize("path", sorted(DEFINITIONS.glob("*.yaml")), ids=lambda path: path.stem)
def test_nothing_is_said_against_a_sound_definition(path: Path):
    assert check(load(path), NAMES) == []


def test_each_of_several_roles_has_to_act():
    agree = feature("by_each").triggers["agree"]

    assert agree.by == ()
    assert agree.by_each == ("la_partner", "health_partner", "police_partner")
    assert agree.roles() == agree.by_each


def test_tasks_start_once_each_time_or_every_so_often():
    tasks = feature("tasks").tasks

    assert tasks["tell_the_chair"] == Task(
        name="tell_the_chair",
        title="Tell the chair that a review is in progress",
        who=("coordinator",),
        starts="begin",
        window=(2, 10),
        of="limit",
    )
    assert tasks["write_minutes"].starts == "hold_meeting"
    assert tasks["write_minutes"].each
    assert tasks["write_minutes"].due == "5 working days"
    assert tasks["write_minutes"].title == "Write minutes"
    assert (tasks["report_progress"].every, tasks["report_progress"].starts) == ("3 months", None)
    assert (tasks["tidy_the_log"].every, tasks["tidy_the_log"].starts) == ("1 month", None)
    assert (tasks["keep_the_log"].every, tasks["keep_the_log"].starts) == (None, None)
    assert (tasks["look_again"].every, tasks["look_again"].starts) == ("6 months", "begin")


def test_a_task_is_done_by_its_own_people_and_moves_nothing():
    definition = feature("tasks")

    done = definition.act("report_progress")

    assert done is not None
    assert (done.title, done.done) == ("Report progress", "Report progress: done")
    assert (done.by, done.same, done.destinations) == (("coordinator", "member"), True, ())
    assert done.sources == ("under_way",)
    assert definition.act("begin") is definition.triggers["begin"]
    assert definition.act("never_heard_of") is None


def test_everything_that_is_ever_done_is_a_trigger_or_a_task():
    names = [act.name for act in feature("tasks").acts()]

    assert names[:4] == ["begin", "hold_meeting", "close", "tell_the_chair"]
    assert len(names) == len(set(names)) == 3 + 7


def test_a_trigger_can_require_a_task():
    assert feature("tasks").triggers["close"].requires == ("tell_the_chair",)


def test_a_trigger_and_a_clock_can_name_each_other_for_what_is_due():
    definition = feature("at_due")

    assert definition.triggers["publish"].at_due == "publish_on"
    assert definition.local_facts() == {"publish_on"}
    assert definition.clocks["end_of_hold"].at_due == "resume"
    assert definition.done_when_due("end_of_hold") == (definition.triggers["resume"],)


def test_a_cycle_that_starts_its_own_clocks_again_may_go_round():
    definition = feature("cycle")

    assert definition.triggers["end_the_hub"].sources == ("scoping", "auditing")
    assert [t.name for t in definition.done_when_due("month_of_auditing")] == ["start_next_cycle"]
    assert definition.opens_with is None


def test_clocks_count_back_from_a_planned_date():
    clocks = feature("before").clocks

    assert (clocks["papers"].counts_from, clocks["papers"].before) == ("meeting_on", True)
    assert (clocks["room"].counts_from, clocks["room"].before) == ("moved_to", True)
    assert clocks["room"].count is Count.SAME_DAY
    assert clocks["room"].runs_in == ("planned",)
    assert not clocks["answer"].before
    assert clocks["answer"].kind is ClockKind.EXPECTED_REPLY
    assert clocks["answer"].warn == (24,)
    assert dict(clocks["whole"].milestones) == {"draft": 3, "agreed": 5}
    assert clocks["whole"].kind is ClockKind.STATUTORY


def test_an_answer_fills_a_role_for_this_case():
    definition = feature("held_for_this_case")

    assert definition.roles["lead"] == Role("lead", "Lead reviewer", held_for_this_case=True)
    who, helped_by = definition.triggers["appoint"].asks
    assert (who.kind, who.fills, who.required) == (QuestionKind.PERSON, "lead", True)
    assert (helped_by.hint, helped_by.required) == ("Somebody who took no part in the case", False)


def test_a_message_can_be_written_out():
    inline, named = feature("inline_message").triggers["close"].effects

    assert inline.message is None
    assert inline.inline == "{reference}: {what} was due on {due}, {days_left} days from now."
    assert (named.message, named.inline) == ("review_finished", None)


def test_effects_ask_make_open_and_tell():
    definition = feature("effects")

    assert definition.triggers["decide"].effects == (
        Effect(EffectKind.REQUEST, ("summary",)),
        Effect(EffectKind.MAKE, ("report",), when=Condition(guards=("everyone_was_asked",))),
        Effect(
            EffectKind.OPEN, ("follow-up",), when=Condition(answer=AnswerIs("decide", "outcome", "go_on"))
        ),
        Effect(
            EffectKind.TELL,
            ("contact",),
            message="decision_needed",
            when=Condition(answer=AnswerIs("open", "kind", "incident")),
        ),
    )
    assert definition.requests["summary"].window == (1, 7)
    assert definition.requests["summary"].then_tell == ("coordinator",)


def test_the_kinds_of_local_questions():
    papers, known_to, seen = feature("effects").triggers["answer"].asks

    assert (papers.kind, papers.label) == (QuestionKind.DOCUMENT, "Papers")
    assert known_to.kind is QuestionKind.AGENCY
    assert dict(seen.options) == {"child": "The child", "parents": "The parents"}
    assert seen.values() == ()


def test_destinations_are_tried_in_order():
    definition = feature("branches")

    assert definition.triggers["close"].destinations == (
        Destination("asked", Condition(answer=AnswerIs("decide", "again", "yes"))),
        Destination("other", Condition(answer=AnswerIs("open", "kind", "other"))),
        Destination("unclear", Condition(guards=("everyone_was_asked", "meeting_was_quorate"))),
        Destination("closed"),
    )
    assert definition.triggers["decide"].reached_from("asked") == ("stopped", "decided")
    assert definition.triggers["decide"].done == "It was decided"
    assert definition.triggers["close"].done == "Close"


def test_a_procedure_whose_text_stops_says_so():
    unclear, closed = (feature("branches").states[name] for name in ("unclear", "closed"))

    assert (unclear.final, unclear.final_note) == (True, "not described in the source")
    assert (closed.final, closed.final_note) == (True, None)


def test_a_question_that_offers_yes_and_no_or_a_plain_list():
    again, speed = feature("branches").triggers["decide"].asks

    assert again.values() == ("yes", "no")
    assert dict(speed.options) == {"slow": "Slow", "fast": "Fast"}
    assert speed.values() == ("slow", "fast")


def test_what_can_be_done_in_a_state_and_where_a_case_is_open():
    definition = feature("branches")

    assert [trigger.name for trigger in definition.triggers_from("asked")] == ["decide"]
    assert definition.open_states() == ("asked", "decided")


def test_same_leads_back_to_where_it_was():
    assert feature("effects").triggers["answer"].reached_from("asked") == ("asked",)


def test_a_length_is_a_number_and_a_unit():
    assert length_in_units("15 working days") == (15, "working day")
    assert length_in_units("1 month") == (1, "month")
    with pytest.raises(ValueError, match="a while"):
        length_in_units("a while")


def test_the_service_has_a_title_too():
    definition = feature("at_due")

    assert definition.title_of_role("service") == "The service itself"
    assert definition.title_of_role("coordinator") == "Coordinator"
