"""The words of every mail: there is one for each message, it says only what it may, and it is short."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined, meta

HERE = Path(__file__).parents[2]
TEXTS = HERE / "templates" / "alerts"
ALLOWED = {"reference", "review", "what", "due", "days_left", "link", "agency"}
GENERAL = {
    "clock_warning",
    "clock_overdue",
    "milestone_at_risk",
    "request_reminder",
    "request_due_today",
    "request_overdue",
    "request_overdue_senior",
    "invitation",
    "password_reset",
    "digest",
}
WITHOUT_A_CASE = {"invitation", "password_reset", "digest"}
WORDS = Environment(undefined=StrictUndefined, autoescape=False)
LONGEST = {
    "reference": "ESX-2026-001",
    "review": "Rapid review",
    "what": "Ratification",
    "due": "Wednesday 30 September 2026",
    "days_left": "12 working days late",
    "link": "https://reviews.example/cases/2bWkq0vYtZl0c3Qd",
    "agency": "Riverside Community Health",
}


def named_in_definitions() -> set[str]:
    found: set[str] = set()
    for definition in (HERE / "workflows").glob("*/v*.yaml"):
        found |= set(re.findall(r"message: ([a-z_]+)", definition.read_text(encoding="utf-8")))
    return found


def written() -> list[str]:
    return sorted(text.stem for text in TEXTS.glob("*.txt"))


def test_every_message_has_its_words() -> None:
    assert (named_in_definitions() | GENERAL) - set(written()) == set()


@pytest.mark.parametrize("message", written())
def test_a_mail_uses_only_the_allowed_variables(message: str) -> None:
    source = (TEXTS / f"{message}.txt").read_text(encoding="utf-8")

    used = meta.find_undeclared_variables(WORDS.parse(source))

    assert used <= ALLOWED
    assert "link" in used
    assert "reference" in used or message in WITHOUT_A_CASE


@pytest.mark.parametrize("message", written())
@pytest.mark.parametrize("due", [LONGEST["due"], ""])
def test_a_mail_is_a_subject_a_blank_line_and_a_short_body(message: str, due: str) -> None:
    source = (TEXTS / f"{message}.txt").read_text(encoding="utf-8")

    subject, blank, *body = WORDS.from_string(source).render(LONGEST | {"due": due}).splitlines()

    assert subject.startswith("Subject: ")
    assert len(subject.removeprefix("Subject: ")) <= 70
    assert message in WITHOUT_A_CASE or LONGEST["reference"] in subject
    assert blank == ""
    assert body[0] == "Hello,"
    assert len(body) <= 12
    assert max(len(line) for line in body) <= 100
    assert body.count(LONGEST["link"]) == 1
    assert "  " not in "\n".join(body)
    assert "\n\n\n" not in "\n".join(body)
