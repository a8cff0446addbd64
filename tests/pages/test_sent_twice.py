"""A form that is sent twice, by an impatient hand or a slow line, is done once and says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.making import Partnership, make_case
from tests.pages.reading import read_our_page, words
from tests.pages.site import Site, open_site


@pytest.fixture
def site(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Site]:
    opened = open_site(partnership, database_url, tmp_path)
    yield opened
    opened.app.extensions["reviewflow.pdf_maker"].close()
    opened.engine.dispose()


def test_an_action_sent_twice_is_one_action(partnership, site):
    case = make_case(partnership)
    path = f"/cases/{case.id}/do/add_immediate_action"
    form = site.page("Ines", path)
    carried = {e.get("name"): e.get("value") or "" for e in form.iter("input") if e.get("type") == "hidden"}
    typed = {
        "what": "See the brother where he is staying",
        "owner": "Duty social worker",
        "due_on-day": "8",
        "due_on-month": "12",
        "due_on-year": "2026",
    }
    browser = site.browser("Ines")

    first = browser.post(path, data=carried | typed)
    second = browser.post(path, data=carried | typed)

    assert (first.status_code, second.status_code) == (303, 409), first.text[-2000:]
    page = read_our_page(second.text)
    assert "This has already been sent, and it is done." in words(page)
    assert "See the brother where he is staying" in second.text
    assert case.row.event_count == 2
