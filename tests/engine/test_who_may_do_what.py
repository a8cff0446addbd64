"""Every state × trigger × role of the rapid review, against a table written by hand."""

import pytest

from reviewflow import engine
from reviewflow.actions import Action
from reviewflow.casefile.record import MovedOn, NotYours, Refused
from reviewflow.engine import Command
from reviewflow.ratification import RatifierQuestion
from tests.making import STAGES, add_immediate_action, ask_agencies, make_case

WHO = {
    "coordinator": "Ines",
    "member": "Salma",
    "la_partner": "Odette",
    "health_partner": "Miriam",
    "police_partner": "Rufus",
    "ratifier": "Gwen",
    "alternate_ratifier": "Beatrix",
    "agency_contact": "Nadia",
    "agency_senior": "Edmund",
    "service": None,
    "administrator": "Viola",
    "scrutineer": "Conrad",
    "agency_contact of an agency that was not asked": "Bryony",
}
"""Somebody who holds this role and no other."""

UNTIL_THE_PANEL = "gathering analysing deciding making_report awaiting_ratification ratified"
ONCE_ASKED = f"{UNTIL_THE_PANEL} with_panel panel_replied"
OPEN = f"referred {ONCE_ASKED}"
PARTNERS = "la_partner health_partner police_partner"
AGENCY = "agency_contact agency_senior"
RATIFIERS = "ratifier alternate_ratifier"
SAFETY = f"coordinator member {PARTNERS} agency_contact"

TABLE = {
    "add_immediate_action": (OPEN, SAFETY),
    "finish_action": (OPEN, SAFETY),
    "record_view_on_notifying": ("referred", PARTNERS),
    "correct_referral": ("referred gathering analysing", "coordinator la_partner"),
    "join_to_another_referral": ("referred", "coordinator"),
    "withdraw": ("referred", "coordinator"),
    "decide_not_to_notify": ("referred", "la_partner"),
    "notify": ("referred", "la_partner"),
    "ask_agencies": ("gathering analysing", "coordinator"),
    "answer_not_involved": (ONCE_ASKED, AGENCY),
    "pass_request_on": (ONCE_ASKED, AGENCY),
    "report_archived_records": (ONCE_ASKED, AGENCY),
    "secure_records": (ONCE_ASKED, AGENCY),
    "send_part_of_return": (ONCE_ASKED, AGENCY),
    "send_return": (ONCE_ASKED, AGENCY),
    "sign_off_return": (ONCE_ASKED, "agency_senior"),
    "send_return_back": (ONCE_ASKED, "agency_senior"),
    "enter_return_on_behalf": (ONCE_ASKED, "coordinator"),
    "note_chase": ("gathering analysing", "coordinator"),
    "go_on_without": ("gathering analysing", "coordinator"),
    "close_gathering": ("gathering", "coordinator"),
    "plan_meeting": ("gathering analysing", "coordinator"),
    "share_pack": ("gathering analysing", "coordinator"),
    "record_meeting": ("analysing", "coordinator"),
    "draft_report": ("analysing deciding", "coordinator"),
    "ask_for_comments": ("analysing", "coordinator"),
    "comment_on_draft": ("analysing deciding", f"member {PARTNERS}"),
    "send_to_decision": ("analysing", "coordinator"),
    "back_to_analysis": ("deciding", "coordinator member"),
    "recommend": ("deciding", "member"),
    "put_before_ratifier": ("making_report", "service"),
    "take_back_recommendation": ("making_report awaiting_ratification", "coordinator member"),
    "ratify": ("awaiting_ratification", RATIFIERS),
    "return_with_reasons": ("awaiting_ratification", RATIFIERS),
    "ask_question": ("awaiting_ratification", RATIFIERS),
    "answer_question": ("awaiting_ratification", "coordinator member"),
    "stand_aside": ("awaiting_ratification", "ratifier"),
    "declare_conflict": (OPEN, f"coordinator member {PARTNERS} {RATIFIERS}"),
    "tell_panel_it_will_be_late": (UNTIL_THE_PANEL, "coordinator"),
    "submit_to_panel": ("ratified", "coordinator"),
    "chase_panel": ("with_panel", "coordinator"),
    "record_panel_reply": ("with_panel", "coordinator"),
    "finish_review": ("panel_replied", "coordinator"),
}
"""For each trigger: the states it starts from, and the roles that may do it."""

ABOUT_A_REQUEST = {
    "answer_not_involved",
    "pass_request_on",
    "report_archived_records",
    "secure_records",
    "send_part_of_return",
    "send_return",
    "sign_off_return",
    "send_return_back",
    "enter_return_on_behalf",
    "note_chase",
    "go_on_without",
}


def expected(trigger: str, state: str, role: str) -> str:
    states, roles = (words.split() for words in TABLE[trigger])
    if state not in states:
        return "moved on"
    if role not in roles or (state == "referred" and role in AGENCY.split()):
        return "not theirs"
    return "theirs"


def found(case, session, trigger: str, role: str, subject: str | None) -> str:
    who = case.partnership[WHO[role]].id if WHO[role] else None
    try:
        engine.perform(
            session,
            case.partnership.definitions,
            Command(case.id, trigger, who, subject_id=subject),
            case.now,
        )
    except NotYours:
        return "not theirs"
    except MovedOn:
        return "moved on"
    except (Refused, LookupError, TypeError, ValueError):
        pass  # the door was open; what was said there was nothing, so it went no further
    finally:
        session.rollback()
    return "theirs"


def subject_of(case, trigger: str) -> str | None:
    if trigger in ABOUT_A_REQUEST:
        return case.request_of("Children's social care")
    if trigger == "finish_action":
        return case.latest(Action)
    if trigger == "answer_question":
        return case.latest(RatifierQuestion)
    return None


def test_the_table_names_every_trigger_and_every_role(definitions):
    definition = definitions.latest("rapid-review")

    assert set(TABLE) == set(definition.triggers)
    assert set(definition.roles) < set(WHO)
    assert set(OPEN.split()) == set(definition.open_states())


@pytest.mark.parametrize("state", STAGES)
def test_every_trigger_is_for_those_roles_in_those_states_alone(partnership, state):
    case = make_case(partnership, at=state)
    if state == "referred":
        add_immediate_action(case)
    if state == "gathering":
        ask_agencies(case)
    if state == "awaiting_ratification":
        case.do("ask_question", "Gwen", {"question": "Did the school know?"})
    wrong = []

    with partnership.sessions() as session:
        for trigger in TABLE:
            is_open = state in TABLE[trigger][0].split()
            subject = subject_of(case, trigger) if is_open else None
            for role in WHO:
                here = found(case, session, trigger, role, subject)
                if here != expected(trigger, state, role):
                    wrong.append(f"{trigger} by {role}: {here}, not {expected(trigger, state, role)}")

    assert wrong == []
