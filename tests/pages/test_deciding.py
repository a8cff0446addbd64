"""Steps 5 to 8 of the story on their pages: what each asks, keeps, refuses, and leads to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reviewflow.casefile.tables import Answers, Reading
from reviewflow.db import transaction
from reviewflow.documents import Draft
from reviewflow.meetings import Meeting
from reviewflow.people import KeptForm, Person
from reviewflow.people.passwords import Passwords
from reviewflow.ratification import Analysis, Ratification, RatifierQuestion, Recommendation, ReportRead
from reviewflow.situation import facts_of
from tests.making import (
    Partnership,
    draft_report,
    london,
    make_case,
    put_before_ratifier,
    read_the_report,
    recommend,
    record_meeting,
)
from tests.pages.access_world import A_DOT
from tests.pages.reading import by_id, read_our_page, summary, words
from tests.pages.site import Site, open_site
from tests.pdf_ua import assert_pdf_ua

PASSWORD = "a long walk by the estuary"


@pytest.fixture
def site(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Site]:
    opened = open_site(partnership, database_url, tmp_path)
    yield opened
    opened.app.extensions["reviewflow.pdf_maker"].close()
    opened.engine.dispose()


def at_case(site: Site, state: str, time: str):
    case = make_case(site.partnership, state)
    site.at = london(time)
    return case


def send(site: Site, case, who: str, trigger: str, data: dict, status: int = 303):
    """Somebody fills in the page of an act and sends it."""
    browser = site.browser(who)
    path = trigger if trigger.startswith("/") else f"/cases/{case.id}/do/{trigger}"
    shown = browser.get(path)
    assert shown.status_code == 200, shown.text[:500]
    root = read_our_page(shown.text)
    hidden = {
        e.get("name"): e.get("value") or ""
        for e in root.iter("input")
        if e.get("type") == "hidden" and e.get("name") not in (None, "csrf_token")
    }
    answer = browser.post(path, data=hidden | data)
    assert answer.status_code == status, (answer.status_code, answer.text[:3000])
    return answer


def rows(site: Site, table, *where):
    with site.partnership.sessions() as session:
        return session.scalars(select(table).where(*where).order_by(table.id)).unique().all()


def facts(site: Site, case) -> dict[str, str]:
    case_id = case.row.id
    with site.partnership.sessions() as session:
        return facts_of(session, case_id)


def give_password(site: Site, who: str) -> None:
    with transaction(site.partnership.sessions) as session:
        person = session.get_one(Person, site.partnership[who].id)
        person.password_hash = Passwords(cheap=True).hash(PASSWORD)


def date_of(name: str, day: str) -> dict[str, str]:
    year, month, date = day.split("-")
    return {f"{name}-day": date, f"{name}-month": month, f"{name}-year": year}


# The meeting


def attendance(case, *of_whom: tuple[str, str, str]) -> dict[str, str]:
    sent = {}
    for number, (name, how, partner) in enumerate(of_whom):
        start = f"attendance-{number}-"
        sent |= {f"{start}person": case.person(name), f"{start}how": how, f"{start}standing_for": partner}
    return sent


EVERYBODY = (
    ("Odette", "in_the_room", "council"),
    ("Miriam", "by_call", "health"),
    ("Rufus", "in_the_room", "police"),
)
HELD = date_of("held_at", "2026-12-24") | {"held_at-time": "9:30am"}


def test_the_meeting_is_planned_in_london_time(site: Site) -> None:
    case = at_case(site, "gathering", "2026-12-14 11:00")
    when = date_of("starts_at", "2026-12-24") | {"starts_at-time": "9:30"}

    send(site, case, "Ines", "plan_meeting", when | {"place": "Room 2 and by call", "note": ""})

    assert [(one.starts_at, one.place) for one in rows(site, Meeting)] == [
        (london("2026-12-24 09:30"), "Room 2 and by call")
    ]


def test_the_page_of_the_meeting_expects_the_partners_and_the_members(site: Site) -> None:
    case = at_case(site, "analysing", "2026-12-24 12:00")

    page = site.page("Ines", f"/cases/{case.id}/do/record_meeting")

    chosen = [
        words(option)
        for select_ in page.iter("select")
        if select_.get("name", "").endswith("-person")
        for option in select_.iter("option")
        if option.get("selected") is not None
    ]
    assert chosen == [
        "Odette Heron, County council",
        "Miriam Curlew, County health board",
        "Rufus Kestrel, County police",
        "Hugo Plover, County council",
        "Salma Dunlin, Saltmarsh Mental Health Trust",
    ]
    assert by_id(page, "held_at-time").get("value") == "09:30"


def test_a_meeting_is_recorded_and_its_points_are_never_typed_again(site: Site) -> None:
    case = at_case(site, "analysing", "2026-12-24 12:00")
    points = {"working_well-0-text": "The school rang at once.", "why-0-text": "Nobody reads them together."}

    send(site, case, "Ines", "record_meeting", HELD | attendance(case, *EVERYBODY) | points)

    assert [one.is_quorate for one in rows(site, Meeting)] == [True]
    drafting = site.page("Ines", f"/cases/{case.id}/do/draft_report")
    assert "The school rang at once." in words(drafting)
    assert "Nobody reads them together." in words(site.page("Hugo", f"/cases/{case.id}/draft"))


def test_a_meeting_with_somebody_twice_or_nothing_said_is_refused_and_kept(site: Site) -> None:
    case = at_case(site, "analysing", "2026-12-24 12:00")
    twice = attendance(case, *EVERYBODY, EVERYBODY[0])

    refused = send(site, case, "Ines", "record_meeting", HELD | twice, 400)

    page = read_our_page(refused.text)
    assert [text for text, _ in summary(page)] == [
        "Somebody is named twice. Name each person once",
        "Record at least one point of what was said",
    ]
    assert rows(site, Meeting)[0].held_at is None
    again = site.page("Ines", f"/cases/{case.id}/do/record_meeting")
    assert len([e for e in again.iter("select") if e.get("name", "").endswith("-person")]) == 4


def test_a_deputy_stands_for_a_partner_and_is_shown_as_one(site: Site) -> None:
    case = at_case(site, "analysing", "2026-12-24 12:00")
    people = attendance(case, ("Salma", "by_call", "health deputy"), EVERYBODY[0], EVERYBODY[2])

    send(site, case, "Ines", "record_meeting", HELD | people | {"why-0-text": "Because."})

    assert rows(site, Meeting)[0].is_quorate
    assert "Deputy for health" in words(site.page("Hugo", f"/cases/{case.id}/draft"))
    again = site.page("Ines", f"/cases/{case.id}/do/record_meeting")
    chosen = [words(e) for e in again.iter("option") if e.get("selected") is not None]
    assert "Health, as deputy" in chosen


# The draft and its comments

PARTS = (
    "facts",
    "key_episodes",
    "analysis",
    "identity_and_culture",
    "voice_of_the_child",
    "good_practice",
    "learning",
)


def test_the_draft_is_written_commented_on_and_written_again(site: Site) -> None:
    case = at_case(site, "analysing", "2026-12-24 13:00")
    record_meeting(case)
    site.at = london("2026-12-29 11:00")
    send(site, case, "Ines", "draft_report", {part: f"First words on {part}." for part in PARTS})
    send(site, case, "Ines", "ask_for_comments", date_of("by_on", "2026-12-30"))
    comment = {"comments-0-part": "facts", "comments-0-text": "Say on which day."}
    send(site, case, "Miriam", "comment_on_draft", comment)

    page = site.page("Ines", f"/cases/{case.id}/do/draft_report")

    assert by_id(page, "facts").text.strip() == "First words on facts."
    assert "Say on which day." in words(page)
    assert "Miriam Curlew, County health board" in words(page)
    send(site, case, "Ines", "draft_report", dict.fromkeys(PARTS, "Second words."))
    assert [one.number for one in rows(site, Analysis)] == [1, 2]
    assert facts(site, case)["comments_by_on"] == "2026-12-30"


def test_the_panels_challenge_is_a_part_only_once_there_is_one(site: Site) -> None:
    case = at_case(site, "deciding", "2026-12-30 13:00")

    page = site.page("Ines", f"/cases/{case.id}/do/draft_report")

    assert not [e for e in page.iter("textarea") if e.get("name") == "panel_challenge"]
    challenged = make_case(site.partnership, "with_panel")
    reply = {"reply": "challenges", "received_on": "2027-01-14", "text": "Think again."}
    challenged.do("record_panel_reply", "Ines", reply, at="2027-01-14 10:00")
    site.at = london("2027-01-18 10:00")
    page = site.page("Ines", f"/cases/{challenged.id}/do/draft_report")
    assert [e for e in page.iter("textarea") if e.get("name") == "panel_challenge"]


def test_the_draft_is_taken_away_as_an_accessible_pdf_marked_as_one(site: Site) -> None:
    case = at_case(site, "deciding", "2026-12-30 13:00")

    answer = site.browser("Hugo").get(f"/cases/{case.id}/draft.pdf")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="ESX-2026-001-draft.pdf"'
    assert_pdf_ua(answer.data)


# The recommendation


def recommendation(case, **changed: str) -> dict[str, str]:
    sent = {
        "outcome": "learning_review",
        "reason": "The learning is known.",
        "national_review_considered": "yes",
        "national_review_reason": "Nothing national in it.",
        "equality": "Asked of every agency.",
        "under_scrutiny": case.agency("Children's social care"),
        "immediate_learning-0-what": "Read earlier contacts together",
        "immediate_learning-0-owner_agency": case.agency("Children's social care"),
        **{
            f"immediate_learning-0-due_on-{name}": v
            for name, v in (("day", "20"), ("month", "1"), ("year", "2027"))
        },
    }
    for name in ("improvements", "recurrent_themes", "working_together", "panel_concluded"):
        sent |= {f"criteria-{name}-met": "yes", f"criteria-{name}-reason": f"Because of {name}."}
    for name in ("council", "health", "police"):
        sent |= {f"views-{name}-view": "agrees"}
    return sent | changed


def test_a_recommendation_asks_for_every_criterion_and_fixes_the_words(site: Site) -> None:
    case = at_case(site, "deciding", "2026-12-30 15:00")

    send(site, case, "Hugo", "recommend", recommendation(case))

    made = rows(site, Recommendation)[-1]
    assert made.content["outcome"] == "learning_review"
    assert [one["reason"] for one in made.content["criteria"]][2] == "Because of working_together."
    assert case.report().source["outcome"] == "A learning review"
    assert case.state == "making_report"


def test_a_criterion_without_a_reason_and_a_no_without_one_are_asked_for(site: Site) -> None:
    case = at_case(site, "deciding", "2026-12-30 15:00")
    sent = recommendation(case) | {"criteria-working_together-reason": "", "views-police-view": "disagrees"}

    refused = send(site, case, "Hugo", "recommend", sent, 400)

    page = read_our_page(refused.text)
    links = {target: text for text, target in summary(page)}
    assert links["criteria-working_together-reason"].endswith("Enter reason")
    assert by_id(page, "criteria-improvements-reason").text.strip() == "Because of improvements."
    del sent["criteria-working_together-reason"]
    refused = send(
        site, case, "Hugo", "recommend", recommendation(case) | {"views-police-view": "disagrees"}, 400
    )
    assert ("The police: Say why the police does not agree", "views-police-words") in summary(
        read_our_page(refused.text)
    )


def test_a_childs_name_is_found_before_the_words_are_fixed(site: Site) -> None:
    case = at_case(site, "deciding", "2026-12-30 15:00")
    named = recommendation(case, reason="Poppy was not heard.")

    refused = send(site, case, "Hugo", "recommend", named, 409)

    assert "A name of Child 1 stands in" in refused.text
    assert by_id(read_our_page(refused.text), "reason").text.strip() == "Poppy was not heard."
    assert rows(site, Recommendation) == []
    send(site, case, "Hugo", "recommend", named | {"names_checked": "yes"})
    assert case.state == "making_report"


# Ratification


def test_the_ratifier_reads_exactly_that_version_and_ratifies_with_the_password(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    give_password(site, "Gwen")
    page = site.page("Gwen", f"/cases/{case.id}/ratification")
    barred = [e.get("data-barred") for e in page.iter("div") if e.get("data-barred")]
    assert barred == ["ratify", "return_with_reasons"]

    taken = site.browser("Gwen").get(f"/cases/{case.id}/documents/{case.report().public_id}")
    send(site, case, "Gwen", "ratify", {"statement": "ratified", "note": "", "password": PASSWORD})

    assert taken.headers["Content-Disposition"] == "attachment; filename=ESX-2026-001-report-13.pdf"
    ratified = rows(site, Ratification)[-1]
    assert ratified.report_sha256 == case.report().sha256
    assert case.state == "ratified"
    certificate = site.page("Gwen", f"/cases/{case.id}/ratification")
    assert "Ratified by Gwen Osprey" in words(certificate).replace("ratified by", "Ratified by")


def test_the_page_of_the_ratifier_offers_what_the_rules_allow(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    read_the_report(case)

    def offered(who: str) -> list[str]:
        page = site.page(who, f"/cases/{case.id}/ratification")
        return [e.get("data-offer") for e in page.iter("a") if e.get("data-offer")]

    assert offered("Gwen") == ["ratify", "return_with_reasons", "ask_question", "stand_aside"]
    assert offered("Beatrix") == ["ask_question"]
    assert offered("Ines") == []


@pytest.mark.parametrize("typed", ["", "a short walk by the estuary"])
def test_without_the_right_password_nothing_is_ratified(site: Site, typed: str) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    give_password(site, "Gwen")
    read_the_report(case)

    refused = send(site, case, "Gwen", "ratify", {"statement": "ratified", "password": typed}, 400)

    assert [target for _, target in summary(read_our_page(refused.text))] == ["password"]
    assert case.state == "awaiting_ratification"


def test_the_password_is_kept_nowhere(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    give_password(site, "Gwen")
    read_the_report(case)
    wrong = "a wrong walk by the estuary"
    send(site, case, "Gwen", "ratify", {"statement": "ratified", "password": wrong}, 400)
    drafts = [one.content for one in rows(site, Draft)]
    send(site, case, "Gwen", "ratify", {"statement": "ratified", "password": PASSWORD})

    with site.partnership.sessions() as session:
        answers = session.scalars(select(Answers.content)).all()

    assert drafts
    for kept in [*drafts, *answers]:
        assert wrong not in str(kept)
        assert PASSWORD not in str(kept)


def test_a_password_sent_after_the_sign_in_ended_is_not_kept_with_the_form(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    browser = site.browser("Gwen")
    site.at = london("2027-01-04 22:20")
    sent = {"statement": "ratified", "note": "Read twice.", "password": PASSWORD}

    browser.post(f"/cases/{case.id}/do/ratify", data=sent)

    kept = [one.typed for one in rows(site, KeptForm)]
    assert kept == [{"statement": ["ratified"], "note": ["Read twice."]}]


def test_too_many_wrong_passwords_have_to_wait(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    give_password(site, "Gwen")
    read_the_report(case)
    for _ in range(5):
        send(site, case, "Gwen", "ratify", {"statement": "ratified", "password": "wrong " * 3}, 400)

    refused = send(site, case, "Gwen", "ratify", {"statement": "ratified", "password": PASSWORD}, 400)

    assert "tried this too often" in refused.text
    assert case.state == "awaiting_ratification"


def test_a_report_made_anew_since_the_page_was_opened_is_not_ratified(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    give_password(site, "Gwen")
    read_the_report(case)
    browser = site.browser("Gwen")
    first = case.report().sha256
    case.do("take_back_recommendation", "Hugo", {"reason": "A view was left out."})
    draft_report(case)
    recommend(case)
    make_the_report_again(case)
    put_before_ratifier(case)
    read_the_report(case)
    site.at = case.now

    sent = {"statement": "ratified", "password": PASSWORD, "report_sha256": first}
    refused = browser.post(f"/cases/{case.id}/do/ratify", data=sent)

    assert refused.status_code == 409
    assert "newer version of the report" in refused.text
    assert case.state == "awaiting_ratification"


def make_the_report_again(case) -> None:
    """Other words, so other bytes."""
    import hashlib

    from reviewflow.documents import Document, Making

    report = case.report()
    with transaction(case.partnership.sessions) as session:
        row = session.get_one(Document, report.id)
        row.content, row.size, row.making = b"%PDF-1.7 another", 16, Making.MADE
        row.sha256 = hashlib.sha256(b"%PDF-1.7 another").hexdigest()


def test_a_return_ties_each_reason_to_a_part_and_the_page_shows_it(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2026-12-31 11:45")
    read_the_report(case)
    reasons = {"reasons-0-part": "criteria", "reasons-0-reason": "The third has no reason of its own."}

    send(site, case, "Gwen", "return_with_reasons", reasons)

    assert case.state == "deciding"
    for who in ("Ines", "Hugo", "Gwen"):
        page = words(site.page(who, f"/cases/{case.id}/ratification"))
        assert "The criteria: The third has no reason of its own." in page


def test_a_question_goes_to_and_fro_on_the_page(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2026-12-31 09:10")
    send(site, case, "Gwen", "ask_question", {"question": "Was it known to the school?"})
    page = site.page("Ines", f"/cases/{case.id}/ratification")
    answer_at = next(e.get("href") for e in page.iter("a") if "answer_question" in (e.get("href") or ""))

    send(site, case, "Ines", answer_at, {"answer": "It was not."})

    assert "It was not." in words(site.page("Gwen", f"/cases/{case.id}/ratification"))
    assert [one.answer for one in rows(site, RatifierQuestion)] == ["It was not."]


def test_a_ratifier_who_stands_aside_no_longer_sees_the_deliberation(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2026-12-31 09:10")

    send(site, case, "Gwen", "stand_aside", {"reason": "She led the investigation."})

    site.page("Gwen", f"/cases/{case.id}/ratification", 403)
    assert (
        site.browser("Gwen").get(f"/cases/{case.id}/documents/{case.report().public_id}").status_code == 404
    )


# Documents


def test_opening_a_report_is_on_record_once_and_looking_at_its_head_is_not(site: Site) -> None:
    case = at_case(site, "awaiting_ratification", "2027-01-04 10:20")
    path = f"/cases/{case.id}/documents/{case.report().public_id}"
    site.browser("Gwen").head(path)
    assert rows(site, ReportRead) == []

    for _ in range(2):
        answer = site.browser("Gwen").get(path)

    assert answer.data.startswith(b"%PDF")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one.person_id for one in rows(site, ReportRead)] == [site.partnership["Gwen"].id]
    assert "document: Rapid review report" in [one.what for one in rows(site, Reading)]


def test_a_report_that_is_not_made_yet_cannot_be_opened(site: Site) -> None:
    case = at_case(site, "making_report", "2026-12-30 15:01")

    answer = site.browser("Gwen").get(f"/cases/{case.id}/documents/{case.report().public_id}")

    assert answer.status_code == 404
    page = words(site.page("Gwen", f"/cases/{case.id}/ratification"))
    assert "The report is being made." in page


# The Panel


def submission(**changed) -> dict:
    sent = {"where": "The national Panel", "how": "Secure mail", "proof": (io.BytesIO(A_DOT), "receipt.png")}
    return date_of("sent_at", "2027-01-05") | {"sent_at-time": "10:50"} | sent | changed


def test_the_submission_keeps_its_proof_and_says_whether_it_is_late(site: Site) -> None:
    case = at_case(site, "ratified", "2027-01-05 11:00")

    send(site, case, "Ines", "submit_to_panel", submission())

    assert facts(site, case)["submitted_late"] == "no"
    page = site.page("Hugo", f"/cases/{case.id}")
    proof = next(e.get("href") for e in page.iter("a") if words(e) == "receipt.png")
    taken = site.browser("Hugo").get(proof)
    assert taken.headers["Content-Disposition"] == "attachment; filename=receipt.png"


def test_a_submission_without_proof_or_from_the_future_is_refused(site: Site) -> None:
    case = at_case(site, "ratified", "2027-01-05 10:00")
    sent = {name: value for name, value in submission().items() if name != "proof"}

    refused = send(site, case, "Ines", "submit_to_panel", sent, 400)

    assert [text for text, _ in summary(read_our_page(refused.text))] == [
        "The time it was sent must be now or in the past",
        "Choose proof that it was sent",
    ]


@pytest.mark.parametrize(("reply", "state"), [("asks", "with_panel"), ("agrees", "panel_replied")])
def test_the_panels_reply_is_recorded_with_its_words(site: Site, reply: str, state: str) -> None:
    case = at_case(site, "with_panel", "2027-01-14 10:00")
    send(site, case, "Ines", "chase_panel", {"how": "phone", "note": ""})

    sent = date_of("received_on", "2027-01-14") | {"reply": reply, "text": "The Panel writes."}
    send(site, case, "Ines", "record_panel_reply", sent)

    assert case.state == state
    assert facts(site, case)["panel_replied_on"] == "2027-01-14"


def test_a_finished_review_and_the_one_it_opened_link_to_each_other(site: Site) -> None:
    case = make_case(site.partnership, "practice_review_opened")
    site.at = london("2027-02-05 10:00")

    page = site.page("Ines", f"/cases/{case.id}")

    there = next(e.get("href") for e in page.iter("a") if words(e).startswith("ESX-2027-001"))
    assert f"/cases/{case.id}" in [e.get("href") for e in site.page("Ines", there).iter("a")]


# The pack


def test_the_pack_has_what_came_back_and_the_questions_to_discuss(site: Site) -> None:
    case = at_case(site, "analysing", "2026-12-23 17:00")
    case.do("share_pack", "Ines", {}, at="2026-12-23 16:15")

    page = site.page("Hugo", f"/cases/{case.id}/pack")

    text = words(page)
    for expected in (
        "Thursday 24 December 2026 at 9:30am",
        "Child 1",
        "Two contacts in the past year, each closed after a visit.",
        "Saltings Homes Not involved",
        "A neighbour reported shouting at night",
        "What are we worried about?",
    ):
        assert expected in text
    assert "Poppy" not in text
    work = site.page("Hugo", "/")
    assert f"/cases/{case.id}/pack" in [e.get("href") for e in work.iter("a")]
