"""Steps 5 to 8 of the story: the meeting, the report, the recommendation, its ratification, the Panel."""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from reviewflow import acts
from reviewflow.actions import Action, ActionKind, record_learning
from reviewflow.alerts import Alert
from reviewflow.anonymity import names_in
from reviewflow.casefile.record import MovedOn, Refused
from reviewflow.casefile.tables import Answers, Case, CaseEvent, Conflict, Identity, Participation
from reviewflow.clocks import running
from reviewflow.db import transaction
from reviewflow.documents import Document, Making
from reviewflow.meetings import Attendance, DiscussionPoint, Meeting, points_of
from reviewflow.meetings import record_meeting as record_of_meeting
from reviewflow.people import Person, RoleHolding
from reviewflow.ratification import (
    Analysis,
    Ratification,
    RatifierQuestion,
    Recommendation,
    Standing,
    deciding,
    drafting,
)
from reviewflow.ratification.drafting import comments_on
from reviewflow.reports import preview
from reviewflow.situation import facts_of
from tests.making import (
    FROM,
    draft_report,
    finish_review,
    make_case,
    make_the_report,
    put_before_ratifier,
    ratify,
    read_the_report,
    recommend,
    record_meeting,
    record_panel_reply,
    send_to_decision,
    submit_to_panel,
)

STATEMENT = {"statement": ["ratified"]}
REASONS = {"reasons": [{"part": "criteria", "reason": "The third criterion has no reason of its own."}]}


def rows(case, table, *where):
    with case.partnership.sessions() as session:
        return session.scalars(select(table).where(*where).order_by(table.id)).unique().all()


def facts(case):
    with case.partnership.sessions() as session:
        return facts_of(session, case.row.id)


def source(case):
    """What the latest report says."""
    return case.report().source


def meeting_answers(case, **of_whom):
    """Answers of a meeting: for each first name, how they took part and for which partner."""
    given = {
        "Odette": ("in_the_room", "council"),
        "Rufus": ("in_the_room", "police"),
        "Miriam": ("by_call", "health"),
    }
    return {
        "held_at": "2026-12-24T09:30+00:00",
        "attendance": [
            {"person": case.person(name), "how": how, "partner": partner, "is_deputy": "no"}
            for name, (how, partner) in (given | of_whom).items()
            if how
        ],
        "working_well": ["The school rang at once."],
    }


def tell_meeting(case, **of_whom):
    case.do("record_meeting", "Ines", meeting_answers(case, **of_whom), at="2026-12-24 12:00")


def latest_meeting(case):
    return rows(case, Meeting, Meeting.case_id == case.row.id)[-1]


# The meeting


def test_a_meeting_with_the_three_partners_is_quorate(partnership):
    case = make_case(partnership, at="analysing")

    tell_meeting(case)

    assert latest_meeting(case).is_quorate
    assert facts(case)["meeting_on"] == "2026-12-24"


@pytest.mark.parametrize(
    ("of_whom", "quorate"),
    [
        ({"Miriam": ("written_view", "health")}, True),
        ({"Miriam": ("absent", "health")}, False),
        ({"Miriam": ("absent", "health"), "Salma": ("in_the_room", "health")}, True),
        ({"Rufus": ("in_the_room", None)}, False),
        ({"Odette": (None, None)}, False),
    ],
)
def test_quorum_counts_the_three_partners_however_they_take_part(partnership, of_whom, quorate):
    case = make_case(partnership, at="analysing")

    tell_meeting(case, **of_whom)

    assert latest_meeting(case).is_quorate is quorate


def test_somebody_with_a_conflict_represents_nobody(partnership):
    case = make_case(partnership, at="analysing")
    case.do("declare_conflict", "Rufus", {"reason": "He knows the family."}, at="2026-12-23 16:00")

    tell_meeting(case)

    assert not latest_meeting(case).is_quorate


def test_what_is_not_quorate_does_not_go_to_the_decision(partnership):
    case = make_case(partnership, at="analysing")
    tell_meeting(case, Rufus=("absent", "police"))
    draft_report(case)

    with pytest.raises(Refused, match="not quorate"):
        send_to_decision(case)


def test_whoever_took_part_in_the_meeting_is_on_record_and_the_absent_are_not(partnership):
    case = make_case(partnership, at="analysing")

    tell_meeting(case, Hugo=("by_call", None), Salma=("absent", None))

    took_part = rows(case, Participation, Participation.capacity == "took part in the meeting")
    names = {partnership[name].id for name in ("Odette", "Rufus", "Miriam", "Hugo")}
    assert {part.person_id for part in took_part} == names


def test_a_meeting_recorded_again_is_corrected_and_not_doubled(partnership):
    case = make_case(partnership, at="analysing")
    tell_meeting(case, Rufus=("absent", "police"))

    tell_meeting(case, Rufus=("by_call", "police"))

    assert latest_meeting(case).is_quorate
    assert len(rows(case, Attendance)) == 3
    assert len(rows(case, DiscussionPoint)) == 1


def test_nobody_is_recorded_twice_and_nobody_unknown(partnership):
    case = make_case(partnership, at="analysing")
    answers = meeting_answers(case)
    twice = answers | {"attendance": answers["attendance"] * 2}
    unknown = answers | {"attendance": [answers["attendance"][0] | {"person": "nobody"}]}

    with pytest.raises(Refused, match="named twice"):
        case.do("record_meeting", "Ines", twice, at="2026-12-24 12:00")
    with pytest.raises(Refused, match="not known"):
        case.do("record_meeting", "Ines", unknown, at="2026-12-24 12:00")
    assert rows(case, Attendance) == []


def test_a_meeting_is_not_recorded_before_it_is_held(partnership):
    case = make_case(partnership, at="analysing")
    tomorrow = meeting_answers(case) | {"held_at": "2026-12-25T09:30+00:00"}

    with pytest.raises(Refused, match="future"):
        case.do("record_meeting", "Ines", tomorrow, at="2026-12-24 12:00")


def test_a_meeting_that_is_moved_stays_one_and_a_second_meeting_is_another(partnership):
    case = make_case(partnership, at="analysing")
    plan = {"starts_at": "2026-12-23T16:30+00:00", "place": "By call", "note": ""}

    case.do("plan_meeting", "Ines", plan, at="2026-12-23 15:45")
    assert [meeting.place for meeting in rows(case, Meeting)] == ["By call"]
    tell_meeting(case)
    case.do("plan_meeting", "Ines", plan, at="2026-12-28 15:45")

    assert len(rows(case, Meeting)) == 2
    with partnership.sessions() as session:
        assert points_of(session, case.row.id)["working_well"] == ["The school rang at once."]


# The analysis


def test_each_draft_is_kept_and_comments_name_the_one_they_are_about(partnership):
    case = make_case(partnership, at="analysing")
    record_meeting(case)
    draft_report(case)
    case.do("ask_for_comments", "Ines", {"by_on": "2026-12-30"})
    case.do("comment_on_draft", "Miriam", {"comments": [{"part": "facts", "text": "Say when."}]})
    draft_report(case)

    case.do("comment_on_draft", "Rufus", {"comments": [{"part": "facts", "text": "Better."}]})

    assert [draft.number for draft in rows(case, Analysis)] == [1, 2]
    assert facts(case)["comments_by_on"] == "2026-12-30"
    with partnership.sessions() as session:
        said = comments_on(session, case.row.id)["facts"]
    assert [(one.by.split()[0], one.version, one.text) for one in said] == [
        ("Miriam", 1, "Say when."),
        ("Rufus", 2, "Better."),
    ]


def test_the_meetings_answers_are_the_first_half_of_the_report_untouched(partnership):
    case = make_case(partnership, at="making_report")

    said = {one["title"]: one["points"] for one in source(case)["discussion"]}

    assert said["What is working well?"] == ["Staff who knew the child wrote down what the child said."]
    assert said["What needs to happen?"] == ["One person reads the earlier contacts before a case is closed."]


def test_the_draft_can_be_read_before_anything_is_recommended(partnership):
    case = make_case(partnership, at="analysing")

    with partnership.sessions() as session:
        shown = preview(session, case.row, "Rapid review", facts(case))

    assert shown["marking"].startswith("Draft")
    assert shown["analysis"] == []


# The recommendation


def test_a_recommendation_keeps_every_criterion_in_the_words_of_the_edition(partnership):
    case = make_case(partnership, at="making_report")

    content = rows(case, Recommendation)[-1].content

    assert content["edition"].startswith("Working Together to Safeguard Children 2023")
    assert [one["name"] for one in content["criteria"]] == [
        "improvements",
        "recurrent_themes",
        "working_together",
        "panel_concluded",
    ]
    assert content["criteria"][2]["says"].startswith(
        "The case highlights, or may highlight, concerns about two"
    )


def test_a_criterion_without_an_answer_is_asked_for_and_nothing_is_written(partnership):
    case = make_case(partnership, at="deciding")
    with partnership.sessions() as session:
        before = session.scalars(select(CaseEvent.number)).all()

    with pytest.raises(Refused, match="two or more organisations"):
        case.do("recommend", "Hugo", {"outcome": "learning_review", "criteria": {}})

    with partnership.sessions() as session:
        assert session.scalars(select(CaseEvent.number)).all() == before
    assert case.state == "deciding"
    assert rows(case, Recommendation) == []


def test_learning_becomes_actions_and_a_second_round_replaces_what_is_not_done(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    read_the_report(case)
    case.do("return_with_reasons", "Gwen", REASONS, at="2026-12-31 11:45")

    recommend(case)

    learning = rows(case, Action, Action.kind == ActionKind.LEARNING_NOW)
    assert [(one.what, one.owner) for one in learning] == [
        ("Read earlier contacts", "Children's social care")
    ]


def test_the_report_says_what_came_back_what_came_late_and_what_is_missing(partnership):
    case = make_case(partnership, at="making_report")

    said = {row[0]: row[1:] for row in source(case)["agencies"]}

    assert said["Saltings Homes"][0] == "Not involved"
    assert said["Children's social care"][0] == "Returned in full"


def test_the_report_names_no_child(partnership):
    case = make_case(partnership, at="making_report")
    with partnership.sessions() as session:
        known = session.scalars(select(Identity.value)).all()

    text = json.dumps(source(case), ensure_ascii=False)

    assert known
    assert [value for value in known if value in text] == []
    assert "Child 1" in text


def test_a_childs_name_in_the_text_stops_the_recommendation(partnership):
    case = make_case(partnership, at="deciding")
    draft = {"facts": "On Sunday Poppy was brought to hospital.", "analysis": "She was not heard."}
    case.do("draft_report", "Ines", draft)

    with pytest.raises(Refused) as refused:
        recommend(case)

    assert refused.value.reasons == (
        "A name of Child 1 stands in “The facts as established”. Write “Child 1” instead.",
    )
    assert rows(case, Recommendation) == []


def test_a_word_that_is_also_a_name_passes_once_somebody_has_looked(partnership):
    case = make_case(partnership, at="deciding")
    case.do("draft_report", "Ines", {"facts": "The review took place on Poppy Day."})

    recommend_checked(case)

    assert case.state == "making_report"


def recommend_checked(case):
    """The recommendation of the story, by somebody who has looked at the names."""
    given = case.do

    def do(trigger, by, answers, **more):
        return given(trigger, by, answers | {"names_checked": "yes"}, **more)

    case.do = do
    recommend(case)
    del case.do


def test_a_recommendation_taken_back_is_nobodys_to_ratify_and_its_report_is_dropped(partnership):
    case = make_case(partnership, at="making_report")

    case.do("take_back_recommendation", "Ines", {"reason": "A view was left out."})

    assert case.state == "deciding"
    assert rows(case, Recommendation)[-1].standing == Standing.TAKEN_BACK
    assert case.report().making == Making.DROPPED


def test_a_recommendation_can_be_made_again_after_it_was_taken_back(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    case.do("take_back_recommendation", "Hugo", {"reason": "New information."}, at="2026-12-30 16:00")

    recommend(case)
    make_the_report(case)
    put_before_ratifier(case)
    read_the_report(case)
    ratify(case)

    assert [one.standing for one in rows(case, Recommendation)] == [Standing.TAKEN_BACK, Standing.RATIFIED]


# Ratification


def test_ratifying_binds_the_bytes_that_were_read(partnership):
    case = make_case(partnership, at="ratified")

    ratification = rows(case, Ratification)[-1]

    assert ratification.report_sha256 == case.report().sha256
    assert ratification.decision == "ratified"
    assert ratification.acting_as == "ratifier"
    assert facts(case)["ratified_on"] == "2027-01-04"


def test_the_certificate_names_the_report_who_in_which_role_and_when(partnership):
    case = make_case(partnership, at="ratified")

    certificate = rows(case, Document, Document.kind == "certificate")[-1]

    assert certificate.source["sha256"] == case.report().sha256
    assert dict(certificate.source["facts"]) == {
        "Reference": "ESX-2026-001",
        "Recommendation": "No further review: the rapid review has found the learning",
        "Round": "1",
        "Ratified by": "Gwen Osprey",
        "Of": "County police",
        "In the role of": "Police lead",
        "On": "Monday 4 January 2027 at 10:20",
    }


def test_what_was_not_opened_is_not_ratified(partnership):
    case = make_case(partnership, at="awaiting_ratification")

    with pytest.raises(Refused, match="not opened this version"):
        ratify(case)


def test_the_first_rounds_report_does_not_count_for_the_second(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    read_the_report(case)
    case.do("return_with_reasons", "Gwen", REASONS, at="2026-12-31 11:45")
    recommend(case)
    make_the_report(case)
    put_before_ratifier(case)

    with pytest.raises(Refused, match="not opened this version"):
        ratify(case)


def test_a_decision_on_another_report_than_the_one_shown_is_refused(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    read_the_report(case)

    with pytest.raises(MovedOn, match="newer version"):
        case.do("ratify", "Gwen", STATEMENT | {"report_sha256": "0" * 64})


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_the_loop_works_more_than_once(partnership, rounds):
    case = make_case(partnership, at="deciding")
    for number in range(1, rounds + 1):
        recommend(case)
        make_the_report(case)
        put_before_ratifier(case)
        read_the_report(case)
        if number < rounds:
            case.do("return_with_reasons", "Gwen", REASONS)

    ratify(case)

    made = rows(case, Recommendation)
    assert [one.number for one in made] == list(range(1, rounds + 1))
    assert [one.standing for one in made] == [Standing.RETURNED] * (rounds - 1) + [Standing.RATIFIED]
    assert len({one.report_id for one in made}) == rounds
    assert len(source(case)["rounds"]) == rounds - 1
    for earlier in source(case)["rounds"]:
        assert earlier["reasons"] == [["The criteria", "The third criterion has no reason of its own."]]


def test_a_question_is_asked_and_answered_once(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    case.do("ask_question", "Gwen", {"question": "Was the second contact known to the school?"})
    question = case.latest(RatifierQuestion)

    case.do("answer_question", "Ines", {"answer": "It was not."}, subject=question)

    assert [one.answer for one in rows(case, RatifierQuestion)] == ["It was not."]
    with pytest.raises(MovedOn, match="has answered"):
        case.do("answer_question", "Hugo", {"answer": "It was."}, subject=question)


def test_asking_a_question_is_no_part_that_bars_from_ratifying(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    case.do("ask_question", "Gwen", {"question": "Was the second contact known to the school?"})
    read_the_report(case)

    ratify(case)

    assert case.state == "ratified"


# Who may not ratify


def hold(case, who, role):
    """`who` holds this role in the case's area as well."""
    with case.partnership.sessions.begin() as session:
        session.add(
            RoleHolding(person_id=case.partnership[who].id, role=role, area_id=case.row.area_id, from_on=FROM)
        )


@pytest.mark.parametrize("who", ["Ines", "Hugo", "Odette", "Miriam", "Rufus", "Salma", "Edmund", "Nadia"])
def test_whoever_wrote_recommended_attended_or_signed_cannot_ratify(partnership, who):
    case = make_case(partnership, at="awaiting_ratification")
    hold(case, who, "ratifier")
    read_the_report(case, who)

    with pytest.raises(Refused, match="You took part in this case"):
        case.do("ratify", who, STATEMENT, acting_as="ratifier")
    assert case.state == "awaiting_ratification"


def test_whoever_commented_cannot_ratify(partnership):
    case = make_case(partnership, at="deciding")
    hold(case, "Gwen", "member")
    case.do("comment_on_draft", "Gwen", {"comments": [{"part": "facts", "text": "Say when."}]})
    recommend(case)
    make_the_report(case)
    put_before_ratifier(case)
    read_the_report(case)

    with pytest.raises(Refused, match="commented"):
        ratify(case)


def test_the_alternate_is_refused_while_the_police_lead_can_ratify(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    read_the_report(case, "Beatrix")

    with pytest.raises(Refused, match="alternate is not needed"):
        case.do("ratify", "Beatrix", STATEMENT)


def under_scrutiny(partnership, *agencies):
    """A case that awaits ratification, with these agencies' practice under scrutiny."""
    case = make_case(partnership, at="deciding")
    recommend(case, agencies)
    make_the_report(case)
    put_before_ratifier(case)
    return case


def test_with_the_ratifiers_agency_under_scrutiny_only_the_alternate_ratifies(partnership):
    case = under_scrutiny(partnership, "County police")
    for who in ("Gwen", "Beatrix"):
        read_the_report(case, who)

    with pytest.raises(Refused, match="your own agency's practice"):
        case.do("ratify", "Gwen", STATEMENT)
    case.do("ratify", "Beatrix", STATEMENT)

    assert case.state == "ratified"
    assert rows(case, Ratification)[-1].acting_as == "alternate_ratifier"


def test_the_alternate_is_told_when_the_ratifier_may_not_act(partnership):
    case = under_scrutiny(partnership, "County police")

    told = rows(case, Alert, Alert.message == "ratification_needed")

    assert partnership["Beatrix"].id in {alert.person_id for alert in told}


def test_a_ratifier_who_stands_aside_leaves_it_to_the_alternate(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    for who in ("Gwen", "Beatrix"):
        read_the_report(case, who)

    case.do("stand_aside", "Gwen", {"reason": "She led the investigation."})

    assert [one.person_id for one in rows(case, Conflict)] == [partnership["Gwen"].id]
    with pytest.raises(Refused, match="declared a conflict"):
        case.do("ratify", "Gwen", STATEMENT)
    with pytest.raises(Refused, match="already stood aside"):
        case.do("stand_aside", "Gwen", {"reason": "Again."})
    case.do("ratify", "Beatrix", STATEMENT)
    assert case.state == "ratified"


def test_two_ratifiers_at_once_leave_one(partnership):
    """Sixty times: two press at the same moment; one ratifies, the other is told that it has moved on."""
    case = make_case(partnership, at="awaiting_ratification")
    hold(case, "Beatrix", "ratifier")
    for number in range(60):
        press_at_once(case, number)


def press_at_once(case, number):
    for who in ("Gwen", "Beatrix"):
        read_the_report(case, who)
    start, outcomes = threading.Barrier(2), []

    def press(who):
        start.wait()
        try:
            case.do("ratify", who, STATEMENT, acting_as="ratifier", at=f"2027-01-04 10:{number % 60:02d}")
            outcomes.append("ratified")
        except MovedOn:
            outcomes.append("moved on")

    both = [threading.Thread(target=press, args=(who,)) for who in ("Gwen", "Beatrix")]
    for one in both:
        one.start()
    for one in both:
        one.join(60)

    assert sorted(outcomes) == ["moved on", "ratified"]
    ratified = rows(case, Recommendation)[-1]
    assert len(rows(case, Ratification, Ratification.recommendation_id == ratified.id)) == 1
    again(case)


def again(case):
    """The Panel challenges, and another round comes before the ratifiers."""
    case.do("submit_to_panel", "Ines", submission("2027-01-04T11:30+00:00"), at="2027-01-04 11:40")
    reply = {"reply": "challenges", "received_on": "2027-01-04", "text": "Think again."}
    case.do("record_panel_reply", "Ines", reply, at="2027-01-04 11:50")
    recommend(case)
    make_the_report(case)
    put_before_ratifier(case)


# The Panel


def submission(sent_at):
    return {"sent_at": sent_at, "how": "Secure mail", "where": "The national Panel"}


@pytest.mark.parametrize(
    ("sent_at", "at", "late"),
    [
        ("2027-01-05T10:50+00:00", "2027-01-05 11:00", "no"),
        ("2027-01-06T10:50+00:00", "2027-01-06 11:00", "yes"),
        ("2027-01-05T23:59+00:00", "2027-01-06 09:00", "no"),
    ],
)
def test_a_submission_is_late_by_the_day_it_was_sent(partnership, sent_at, at, late):
    case = make_case(partnership, at="ratified")

    case.do("submit_to_panel", "Ines", submission(sent_at), at=at)

    assert facts(case)["submitted_late"] == late
    assert facts(case)["submitted_on"] == sent_at[:10]


def test_a_submission_before_its_ratification_or_in_the_future_is_refused(partnership):
    case = make_case(partnership, at="ratified")

    with pytest.raises(Refused, match="cannot lie before the ratification, which was on Monday 4 January"):
        case.do("submit_to_panel", "Ines", submission("2027-01-03T10:00+00:00"), at="2027-01-05 11:00")
    with pytest.raises(Refused, match="future"):
        case.do("submit_to_panel", "Ines", submission("2027-01-06T10:00+00:00"), at="2027-01-05 11:00")


def test_a_letter_before_the_limit_says_that_the_review_will_be_late(partnership):
    case = make_case(partnership, at="ratified")

    case.do(
        "tell_panel_it_will_be_late",
        "Ines",
        {"sent_on": "2027-01-04", "reason": "One archived file is missing."},
        at="2027-01-04 16:00",
    )

    assert facts(case)["late_letter_sent_on"] == "2027-01-04"


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("agrees", "panel_replied"),
        ("asks", "with_panel"),
        ("challenges", "deciding"),
        ("national_review", "national_review"),
    ],
)
def test_the_panels_reply_decides_where_the_case_goes(partnership, reply, state):
    case = make_case(partnership, at="with_panel")

    record_panel_reply(case, reply)

    assert case.state == state
    assert facts(case)["panel_replied_on"] == "2027-01-14"


def test_the_panels_clock_stops_with_its_reply_and_not_with_a_question(partnership):
    case = make_case(partnership, at="with_panel")

    record_panel_reply(case, "asks")
    with partnership.sessions() as session:
        assert [clock.name for clock in running(session, [case.row.id])] == ["panel_reply"]
    record_panel_reply(case, "agrees")

    with partnership.sessions() as session:
        assert running(session, [case.row.id]) == []


def test_a_reply_cannot_come_before_the_submission(partnership):
    case = make_case(partnership, at="with_panel")
    reply = {"reply": "agrees", "received_on": "2027-01-04", "text": "Agreed."}

    with pytest.raises(Refused, match="cannot lie before the submission"):
        case.do("record_panel_reply", "Ines", reply, at="2027-01-14 10:00")


def test_the_panel_is_chased_on_record(partnership):
    case = make_case(partnership, at="with_panel")

    case.do("chase_panel", "Ines", {"how": "phone", "note": "Next week."}, at="2027-02-03 11:00")

    assert facts(case)["panel_chased_on"] == "2027-02-03"


def test_what_the_panel_challenged_is_decided_and_ratified_again_then_opens_the_review(partnership):
    case = make_case(partnership, at="with_panel")
    record_panel_reply(case, "challenges")
    case.outcome = "practice_review"

    draft_report(case)
    recommend(case)
    make_the_report(case)
    put_before_ratifier(case)
    read_the_report(case)
    ratify(case)
    submit_to_panel(case)
    record_panel_reply(case)
    finish_review(case)

    opened = rows(case, Case, Case.opened_from_id == case.row.id)
    assert case.state == "practice_review_opened"
    assert [(one.review, one.incident_id) for one in opened] == [("practice-review", case.row.incident_id)]


def test_a_password_never_stands_in_the_answers(partnership):
    make_case(partnership, at="ratified")

    with partnership.sessions() as session:
        said = session.scalars(select(Answers.content)).all()

    assert all("password" not in answers for answers in said)


# What a definition without these rules would still be kept from


def an_act(case, session, by, answers=None, subject=None):
    """An act with nothing asked before it: what a room's own function is given."""
    row = session.scalars(select(Case).where(Case.public_id == case.id)).one()
    actor = session.get(Person, case.partnership[by].id) if by else None
    event = CaseEvent(
        trigger="anything",
        from_state=row.state,
        to_state=row.state,
        actor_id=actor and actor.id,
        acting_as="ratifier",
        at=case.now,
        subject_id=subject,
    )
    definition = case.partnership.definitions[row.review, row.definition_version]
    return acts.begin(
        session, definition, row, event, actor, answers or {}, case.now, facts=facts_of(session, row.id)
    )


def refused(case, record, by="Gwen", answers=None, subject=None):
    """The reasons for which a room's function refuses; afterwards nothing is changed."""
    with case.partnership.sessions() as session:
        with pytest.raises(Refused) as found:
            record(an_act(case, session, by, answers, subject))
        session.rollback()
    return found.value.reasons


def test_nothing_that_is_not_before_the_ratifier_is_ratified_returned_or_asked_about(partnership):
    case = make_case(partnership, at="deciding")

    for record in (deciding.record_ratification, deciding.record_return, deciding.record_question):
        assert refused(case, record) == ("No recommendation of this case waits for ratification any more.",)


def test_a_report_that_is_not_made_is_not_ratified(partnership):
    case = make_case(partnership, at="making_report")

    assert refused(case, deciding.record_ratification) == ("The report has not been made yet.",)


def test_the_service_neither_decides_nor_writes(partnership):
    case = make_case(partnership, at="awaiting_ratification")
    words = {"reasons": [], "comments": [{"part": "facts", "text": "Say when."}]}

    for record in (deciding.record_ratification, deciding.record_return, deciding.record_standing_aside):
        assert refused(case, record, None, words) == ("The service does not decide.",)
    for record in (drafting.record_analysis, drafting.record_comment):
        assert refused(case, record, None, words) == ("The service does not write in a case.",)


def test_there_is_no_comment_without_a_draft_and_no_record_without_a_meeting(partnership):
    case = make_case(partnership, at="gathering")

    assert refused(case, drafting.record_comment, "Hugo", {"comments": []}) == (
        "The analysis has not been drafted yet, so there is nothing to comment on.",
    )
    assert refused(case, record_of_meeting, "Ines", {}) == (
        "No meeting has been planned yet. Plan the meeting first.",
    )


def test_an_agency_nobody_knows_is_neither_under_scrutiny_nor_the_owner_of_an_action(partnership):
    case = make_case(partnership, at="deciding")
    met = {"met": "yes", "reason": "Because."}
    names = ("improvements", "recurrent_themes", "working_together", "panel_concluded")
    given = {"outcome": "learning_review", "criteria": dict.fromkeys(names, met)}
    learning = {"what": "Read", "owner_agency": "nobody", "due_on": "2027-01-20"}

    assert refused(case, deciding.record_recommendation, "Hugo", given | {"under_scrutiny": ["nobody"]}) == (
        "An agency named as under scrutiny is not known here.",
    )
    assert refused(case, record_learning, "Hugo", {"immediate_learning": [learning]}) == (
        "Say who does it: choose a person, or write who it is.",
    )


def test_a_review_written_to_no_edition_has_no_criteria(partnership):
    case = make_case(partnership, at="deciding")

    with partnership.sessions() as session:
        act = an_act(case, session, "Hugo", {"outcome": "learning_review"})
        deciding.record_recommendation(replace(act, definition=replace(act.definition, edition=None)))
        content = dict(session.scalars(select(Recommendation)).one().content)
        session.rollback()

    assert (content["criteria"], content["edition"]) == ([], "")


def test_short_names_and_nicknames_are_searched_for_and_initials_are_not(partnership):
    case = make_case(partnership, at="referred")
    with transaction(partnership.sessions) as session:
        incident_id = session.scalars(select(Case.incident_id)).one()
        for kind, value in (("name", "Mia B"), ("also_known_as", "Bo"), ("address", "Elm Lane")):
            session.add(Identity(incident_id=incident_id, child_number=2, kind=kind, value=value))

    with partnership.sessions() as session:
        found = names_in(
            session,
            incident_id,
            [("Facts", "MIA went to Elm Lane with plan B."), ("Why", "Bo and mia were missed.")],
        )

    assert case.state == "referred"
    assert found == ["A name of Child 2 stands in “Facts”. Write “Child 2” instead."]
