"""Requests and returns as the coordinator and the agencies see them, in pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.making import RETURN, CaseInPlay, Partnership, london, make_case
from tests.pages.reading import by_id, read_our_page, summary, words
from tests.pages.site import Site, open_site
from tests.rules.uploaded import a_word_file

POLICE, HOSPITAL, SCHOOL = "County police", "Blackwater Hospital", "Marsh Lane Primary School"


@pytest.fixture
def site(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Site]:
    opened = open_site(partnership, database_url, tmp_path)
    opened.at = london("2026-12-11 09:30")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def case(partnership: Partnership) -> CaseInPlay:
    """A review on its first day, before anybody is asked."""
    return make_case(partnership, "gathering")


def ask(case: CaseInPlay, *agencies: str) -> None:
    answers = {
        "agencies": [case.agency(name) for name in agencies],
        "period_from": "2025-01-01",
        "period_until": "2026-12-07",
        "questions": "What did you know?",
    }
    case.do("ask_agencies", "Ines", answers, at="2026-12-11 09:40")


def request_page(case: CaseInPlay, agency: str) -> str:
    return f"/cases/{case.id}/requests/{case.request_of(agency)}"


def act(case: CaseInPlay, trigger: str, agency: str) -> str:
    return f"/cases/{case.id}/do/{trigger}/{case.request_of(agency)}"


def send(site: Site, who: str, path: str, data: dict[str, Any], status: int = 303) -> Element | None:
    """The form is sent; the page that comes back where it was refused."""
    answer = site.browser(who).post(path, data=data)
    assert answer.status_code == status, answer.text[-3000:]
    return read_our_page(answer.text) if status >= 400 else None


def day(name: str, iso: str) -> dict[str, str]:
    year, month, number = iso.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}


def row(number: int, on: str, event: str) -> dict[str, str]:
    start = f"chronology-{number}"
    typed = {f"{start}-source": "Notes", f"{start}-event": event, f"{start}-child_seen": "seen"}
    return day(f"{start}-on", on) | typed


def offered(page: Element) -> list[str]:
    """What can be done about the request, as the page offers it."""
    return [words(link) for link in page.iter("a") if "app-choices__link" in (link.get("class") or "")]


def carried(page: Element) -> str:
    """The version of the draft that the page knows of."""
    return next(e.get("value") or "" for e in page.iter("input") if e.get("name") == "draft_version")


WHOLE_RETURN = {
    "summary": "Two calls.",
    "working_well": "Quick answers.",
    "worried_about": "Nobody read both.",
    "why": "Two systems.",
    "action_taken": "Read again.",
    "voice_of_the_child": "She was quiet.",
    "identity_and_culture": "Recorded.",
    "parallel_processes": "None.",
}


# Asking


def test_before_anybody_is_asked_the_list_says_so_and_offers_to_ask(site: Site, case: CaseInPlay) -> None:
    page = site.page("Ines", f"/cases/{case.id}/requests")

    assert "No agency has been asked yet." in words(page)
    assert "Ask agencies what they know" in words(page)


def test_the_coordinator_asks_agencies_in_two_areas(site: Site, case: CaseInPlay) -> None:
    form = f"/cases/{case.id}/do/ask_agencies"
    site.page("Ines", form)
    chosen = [case.agency(POLICE), case.agency("Riverside Community Health")]
    period = day("period_from", "2025-01-01") | day("period_until", "2026-12-07")

    send(site, "Ines", form, {"agencies": chosen, "to_answer": "What did you know?"} | period)

    page = words(site.page("Ines", f"/cases/{case.id}/requests"))
    assert "0 of 2 settled" in page
    assert "Riverside Community Health Thurrock Asked Monday 21 December 2026" in page


def test_questions_and_period_are_proposed(site: Site, case: CaseInPlay) -> None:
    form = f"/cases/{case.id}/do/ask_agencies"
    first = by_id(site.page("Ines", form), "to_answer").text or ""
    ask(case, POLICE)

    page = site.page("Ines", form)

    assert "what did you do?" in first
    assert by_id(page, "to_answer").text == "What did you know?"
    assert by_id(page, "period_from-year").get("value") == "2025"
    assert "Already asked: County police." in words(page)
    assert case.agency(POLICE) not in {box.get("value") for box in page.iter("input")}


def test_a_refused_form_keeps_what_was_typed_and_leads_to_each_fault(site: Site, case: CaseInPlay) -> None:
    typed = {"agencies": [case.agency(POLICE)], "to_answer": "Mine"} | day("due_on", "2027-01-06")
    typed |= day("period_from", "2026-12-07") | day("period_until", "2025-01-01")

    page = send(site, "Ines", f"/cases/{case.id}/do/ask_agencies", typed, 400)

    assert page is not None
    assert summary(page) == [
        ("The last day of the period must be on or after its first day", "period_until-day"),
        (
            "The day the answer is due is after the last day of the review, Tuesday 5 January 2027. "
            "Say why, or choose an earlier day",
            "why_after_the_limit",
        ),
    ]
    assert by_id(page, "to_answer").text == "Mine"
    assert by_id(page, "agencies-5").get("checked") is not None


def test_an_agency_nobody_is_known_at_is_marked(site: Site, case: CaseInPlay) -> None:
    page = site.page("Ines", f"/cases/{case.id}/do/ask_agencies")

    hints = [words(one) for one in page.iter("div") if "checkboxes__hint" in (one.get("class") or "")]

    assert set(hints) == {"No contact is known there, so nobody would get the mail"}
    assert len(hints) == 6


# The agency's page


def test_an_agency_sees_what_is_asked_and_the_answers_in_plain_words(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)

    page = site.page("Finn", request_page(case, POLICE))

    assert "What did you know?" in words(page)
    assert "Monday 21 December 2026, 6 working days left" in words(page)
    assert offered(page) == [
        "We were not involved",
        "Not me: ask someone else",
        "Our records are in an archive",
        "Say that the records are secured",
        "Send part of our return now",
        "Send our return for sign-off",
    ]


def test_the_coordinator_sees_what_can_be_recorded(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)

    page = site.page("Ines", request_page(case, POLICE))

    assert offered(page) == [
        "Enter a return on behalf of an agency",
        "Note a chase",
        "Go on without this agency",
    ]
    assert offered(site.page("Conrad", request_page(case, POLICE))) == []


def test_not_involved_needs_where_one_looked(site: Site, case: CaseInPlay) -> None:
    ask(case, "Saltings Homes")
    form = act(case, "answer_not_involved", "Saltings Homes")

    refused = send(site, "Petra", form, {"explanation": ""}, 400)
    send(site, "Petra", form, {"explanation": "Tenancies, both names."})

    assert refused is not None
    assert summary(refused)[0][1] == "explanation"
    page = site.page("Petra", request_page(case, "Saltings Homes"))
    assert "Not involved" in words(page)
    assert offered(page) == ["Say that the records are secured"]


def test_a_file_cannot_come_before_it_was_asked_for(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    typed = day("asked_on", "2026-12-11") | day("expected_on", "2026-12-10")

    page = send(site, "Finn", act(case, "report_archived_records", POLICE), typed, 400)

    assert page is not None
    assert summary(page) == [
        ("The day you expect the file must be on or after the day you asked", "expected_on-day")
    ]


def test_a_colleague_goes_on_with_the_draft(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    form = act(case, "send_return", POLICE)
    typed = {"summary": "Half a"} | row(0, "2026-02-10", "A call") | {"then": "save"}

    send(site, "Finn", form, typed, status=302)

    page = site.page("Marta", form)
    assert by_id(page, "summary").text == "Half a"
    assert by_id(page, "chronology-0-event").text == "A call"
    assert "A draft was saved Friday 11 December 2026 at 9:30am." in words(
        site.page("Marta", request_page(case, POLICE))
    )
    assert "Half a" not in site.browser("Ines").get(request_page(case, POLICE)).text


def test_two_colleagues_who_write_at_once_lose_nothing(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    form = act(case, "send_return", POLICE)
    opened = carried(site.page("Finn", form))
    send(site, "Marta", form, {"summary": "Hers", "draft_version": opened, "then": "save"}, 302)

    mine = {"summary": "His", "draft_version": opened, "then": "save"}
    page = send(site, "Finn", form, mine, 409)

    assert page is not None
    assert "Marta Hobby has saved a draft of this" in summary(page)[0][0]
    assert by_id(page, "summary").text == "His"
    assert by_id(site.page("Marta", form), "summary").text == "Hers"
    latest = carried(page)
    send(site, "Finn", form, mine | {"draft_version": latest}, 302)
    assert by_id(site.page("Marta", form), "summary").text == "His"


def test_a_page_that_saves_itself_does_not_replace_a_colleagues_draft(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    form, kept = act(case, "send_return", POLICE), act(case, "send_return", POLICE).replace("/do/", "/draft/")
    first = site.browser("Marta").post(kept, data={"summary": "Hers", "draft_version": "0"})

    second = site.browser("Finn").post(kept, data={"summary": "His", "draft_version": "0"})
    again = site.browser("Marta").post(kept, data={"summary": "Hers again", "draft_version": "1"})

    assert (first.status_code, first.json["draft_version"]) == (200, 1)
    assert second.status_code == 409
    assert "Marta Hobby has saved a draft" in second.json["not_saved"]
    assert again.json["draft_version"] == 2
    assert by_id(site.page("Finn", form), "summary").text == "Hers again"


def test_a_return_is_not_sent_over_a_colleagues_draft(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    form = act(case, "send_return", POLICE)
    send(site, "Marta", form, {"summary": "Hers", "draft_version": "0", "then": "save"}, 302)

    page = send(site, "Finn", form, WHOLE_RETURN | {"draft_version": "0"}, 409)

    assert page is not None
    assert len(summary(page)) == 1
    assert "Asked" in words(site.page("Finn", request_page(case, POLICE)))
    latest = carried(page)
    send(site, "Finn", form, WHOLE_RETURN | {"draft_version": latest})
    assert "Awaiting sign-off" in words(site.page("Finn", request_page(case, POLICE)))


def test_a_part_now_and_the_rest_later(site: Site, case: CaseInPlay) -> None:
    ask(case, HOSPITAL)
    part = {"summary": "The admission", "still_to_come": "Earlier visits"}
    send(site, "Jory", act(case, "send_part_of_return", HOSPITAL), part | row(0, "2026-12-06", "Brought in"))

    page = site.page("Ines", request_page(case, HOSPITAL))
    rest = WHOLE_RETURN | row(0, "2025-07-02", "A fall")
    send(site, "Jory", act(case, "send_return", HOSPITAL), rest)

    assert "Part of the return" in words(page)
    assert "Earlier visits" in words(page)
    assert "A fall" not in words(site.page("Ines", request_page(case, HOSPITAL)))
    waiting = words(site.page("Jory", request_page(case, HOSPITAL)))
    assert "The return waits for sign-off by Agnes Godwit." in waiting
    send(site, "Agnes", act(case, "sign_off_return", HOSPITAL), {"agreed": "yes"})
    assert "A fall" in words(site.page("Ines", request_page(case, HOSPITAL)))


def test_a_row_that_is_half_filled_is_named(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    typed = WHOLE_RETURN | row(0, "2026-02-10", "A call") | {"chronology-1-event": "And then"}

    page = send(site, "Finn", act(case, "send_return", POLICE), typed, 400)

    assert page is not None
    assert [text for text, _ in summary(page)] == [
        "Event 2: Enter date",
        "Event 2: Enter source",
        "Event 2: Answer “Was the child seen or heard?”",
    ]
    assert by_id(page, "chronology-0-event").text == "A call"


def test_what_was_sent_back_is_there_to_go_on_with(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    send(
        site,
        "Finn",
        act(case, "send_return", POLICE),
        WHOLE_RETURN | row(0, "2026-02-10", "A call at night"),
    )
    read = words(site.page("Marta", act(case, "send_return_back", POLICE)))
    send(site, "Marta", act(case, "send_return_back", POLICE), {"reason": "Which night?"})

    page = site.page("Finn", act(case, "send_return", POLICE))

    assert "A call at night" in read
    assert "Which night?" in words(page)
    assert by_id(page, "summary").text == "Two calls."
    assert by_id(page, "chronology-0-event").text == "A call at night"
    assert by_id(page, "chronology-0-on-year").get("value") == "2026"
    assert "Which night?" in words(site.page("Finn", request_page(case, POLICE)))
    send(site, "Finn", act(case, "send_return", POLICE), WHOLE_RETURN | row(0, "2026-02-10", "At 2am"))


def test_no_is_no_sign_off(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    case.do("send_return", "Finn", RETURN, subject=case.request_of(POLICE))

    page = send(site, "Marta", act(case, "sign_off_return", POLICE), {"agreed": "no"}, 400)

    assert page is not None
    assert "Send our return back for changes" in summary(page)[0][0]


def test_an_agency_without_a_second_person_is_told_what_to_do(site: Site, case: CaseInPlay) -> None:
    ask(case, SCHOOL)
    case.do("send_return", "Amos", RETURN, subject=case.request_of(SCHOOL))

    page = words(site.page("Amos", request_page(case, SCHOOL)))

    assert "nobody else in this agency is a senior lead" in page


def test_passing_on_shows_to_whom(site: Site, case: CaseInPlay) -> None:
    ask(case, SCHOOL)
    colleague = {"name": "Lena Siskin", "email": "lena.siskin@marsh-lane-school.example"}

    send(site, "Amos", act(case, "pass_request_on", SCHOOL), colleague)

    assert "Passed on to Lena Siskin" in words(site.page("Ines", request_page(case, SCHOOL)))


def test_a_colleague_of_another_agency_is_refused_beside_what_was_typed(site: Site, case: CaseInPlay) -> None:
    ask(case, SCHOOL)
    colleague = {"name": "Finn", "email": "finn.shrike@county-police.example"}

    page = send(site, "Amos", act(case, "pass_request_on", SCHOOL), colleague, 409)

    assert page is not None
    assert "cannot answer for your agency" in summary(page)[0][0]
    assert by_id(page, "email").get("value") == colleague["email"]


# The coordinator for the agency


def test_a_return_that_came_by_mail_is_entered_with_the_original(site: Site, case: CaseInPlay) -> None:
    ask(case, "Creekside Surgery")
    form = act(case, "enter_return_on_behalf", "Creekside Surgery")
    typed = {"summary": "Seen twice.", "signed_by": "Owen Fulmar, partner"} | day("signed_on", "2026-12-11")
    typed |= row(0, "2026-03-01", "A cough")

    refused = send(site, "Ines", form, typed, 400)
    send(site, "Ines", form, typed | {"original": (io.BytesIO(a_word_file()), "return.docx")})

    assert refused is not None
    assert summary(refused) == [("Choose the return as the agency sent it", "original")]
    page = words(site.page("Ines", request_page(case, "Creekside Surgery")))
    assert "Entered by Ines Lapwing on behalf of the agency" in page
    assert "Signed there by Owen Fulmar, partner on Friday 11 December 2026" in page
    assert "The original as the agency sent it" in page


def test_a_chase_is_shown_to_the_area_and_not_to_the_agency(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    typed = {"how": "phone", "note": "Their lead is on leave."} | day("promised_on", "2026-12-18")

    send(site, "Ines", act(case, "note_chase", POLICE), typed)

    area = words(site.page("Ines", request_page(case, POLICE)))
    assert "By phone Ines Lapwing Their lead is on leave. Friday 18 December 2026" in area
    assert "Friday 18 December 2026" in words(site.page("Ines", f"/cases/{case.id}/requests"))
    assert "Their lead is on leave" not in words(site.page("Finn", request_page(case, POLICE)))


def test_going_on_without_an_agency_shows_the_gap(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)

    send(site, "Ines", act(case, "go_on_without", POLICE), {"reason": "Nothing was promised."})

    assert "Gap in the report" in words(site.page("Ines", f"/cases/{case.id}/requests"))
    agency = site.page("Finn", request_page(case, POLICE))
    assert "Nothing was promised." in words(agency)
    assert "Send our return for sign-off" in offered(agency)


def test_an_agency_that_is_asked_sees_its_own_request_alone(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE, HOSPITAL)

    page = words(site.page("Finn", f"/cases/{case.id}/requests"))

    assert "County police" in page
    assert "Blackwater" not in page


def test_the_list_takes_as_many_statements_for_many_as_for_one(site: Site, case: CaseInPlay) -> None:
    ask(case, POLICE)
    path = f"/cases/{case.id}/requests"
    site.page("Ines", path)
    one = len(site.statements_of("Ines", path))
    ask(case, HOSPITAL, SCHOOL, "Saltings Homes", "Creekside Surgery")

    assert len(site.statements_of("Ines", path)) == one
