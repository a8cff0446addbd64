"""The merged chronology: who sees which lines, filtered, in pages, on paper, and taken away as a file."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element

import openpyxl
import pytest
from sqlalchemy import select

from reviewflow.casefile.tables import Reading
from reviewflow.requests.chronology import inert
from tests.making import CaseInPlay, Partnership, london, make_case, plan_meeting
from tests.pages.reading import summary, words
from tests.pages.site import Site, open_site

POLICE, HOSPITAL = "County police", "Blackwater Hospital"
COMMANDS = ("=1+1", '=HYPERLINK("http://bad.example")', "+44", "-1", "@SUM(A1)", "\tx", "=2\nand more")


@pytest.fixture
def site(partnership: Partnership, database_url: str, tmp_path: Path) -> Iterator[Site]:
    opened = open_site(partnership, database_url, tmp_path)
    opened.at = london("2026-12-15 09:30")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def case(partnership: Partnership) -> CaseInPlay:
    """A review in which the police and the hospital are asked."""
    case = make_case(partnership, "gathering")
    answers = {
        "agencies": [case.agency(POLICE), case.agency(HOSPITAL)],
        "period_from": "2025-01-01",
        "period_until": "2026-12-07",
    }
    case.do("ask_agencies", "Ines", answers, at="2026-12-11 09:40")
    return case


def send_part(case: CaseInPlay, who: str, agency: str, *lines: tuple[str, str, str]) -> None:
    """Each line: day, time, event."""
    rows = [
        {"on": on, "at_time": at_time, "source": "Notes", "event": event, "child_seen": "seen"}
        for on, at_time, event in lines
    ]
    part = {"summary": "A part", "still_to_come": "More", "chronology": rows}
    case.do("send_part_of_return", who, part, subject=case.request_of(agency))


@pytest.fixture
def told(case: CaseInPlay) -> CaseInPlay:
    """Both have sent a part."""
    send_part(case, "Finn", POLICE, ("2026-02-10", "22:15", "A call"), ("2026-05-01", "", "A visit"))
    send_part(
        case, "Jory", HOSPITAL, ("2026-02-10", "09:00", "A bruise"), ("2026-12-06", "21:40", "Brought in")
    )
    return case


def path(case: CaseInPlay, rest: str = "") -> str:
    return f"/cases/{case.id}/chronology{rest}"


def events(page: Element) -> list[str]:
    """What happened, line by line."""
    return [words(row[3]) for body in page.iter("tbody") for row in body.iter("tr")]


def agencies(page: Element) -> list[str]:
    return [words(row[1]) for body in page.iter("tbody") for row in body.iter("tr")]


def test_the_chronologies_merge_by_time_with_their_agency(site: Site, told: CaseInPlay) -> None:
    page = site.page("Ines", path(told))

    assert events(page) == ["A bruise", "A call", "A visit", "Brought in"]
    assert agencies(page)[:2] == [f"{HOSPITAL} Part of a return", f"{POLICE} Part of a return"]


def test_an_empty_chronology_says_so(site: Site, case: CaseInPlay) -> None:
    assert "No chronology has come in yet." in words(site.page("Ines", path(case)))


def test_it_is_filtered_by_agency_and_days(site: Site, told: CaseInPlay) -> None:
    of_police = site.page("Ines", path(told, f"?agency={told.agency(POLICE)}"))
    first, last = "from_on-day=1&from_on-month=5&from_on-year=2026", "until_on-day=30&until_on-month=11"
    in_summer = site.page("Ines", path(told, f"?{first}&{last}&until_on-year=2026"))
    none = site.page("Ines", path(told, "?from_on-day=7&from_on-month=12&from_on-year=2026"))

    assert events(of_police) == ["A call", "A visit"]
    assert events(in_summer) == ["A visit"]
    assert "No line fits what you chose." in words(none)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("?from_on-day=40&from_on-month=1&from_on-year=2026", "The first day must be a real date"),
        ("?agency=another", "choose one of the answers offered"),
        (
            "?from_on-day=2&from_on-month=1&from_on-year=2026&until_on-day=1&until_on-month=1&until_on-year=2026",
            "The last day must be on or after the first day",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_said(site: Site, told: CaseInPlay, asked: str, sentence: str) -> None:
    page = site.page("Ines", path(told, asked), 400)

    assert sentence in summary(page)[0][0]
    assert events(page) == []
    assert site.browser("Ines").get(path(told, f".csv{asked}")).status_code == 400


def test_an_agency_sees_its_own_lines_until_the_pack_is_shared(site: Site, told: CaseInPlay) -> None:
    before = site.page("Finn", path(told))
    plan_meeting(told)
    told.do("share_pack", "Ines", {"note": ""})

    after = site.page("Finn", path(told))

    assert events(before) == ["A call", "A visit"]
    assert "Your agency’s chronology" in words(before)
    assert events(after) == ["A bruise", "A call", "A visit", "Brought in"]
    assert "A bruise" in site.browser("Finn").get(path(told, ".csv")).text


def test_an_agency_that_was_not_involved_is_not_shown_what_is_shared(site: Site, told: CaseInPlay) -> None:
    told.do(
        "ask_agencies",
        "Ines",
        {"agencies": [told.agency("Saltings Homes")], "period_from": "", "period_until": ""},
    )
    told.do("answer_not_involved", "Petra", {"explanation": "No."}, subject=told.request_of("Saltings Homes"))
    plan_meeting(told)
    told.do("share_pack", "Ines", {"note": ""})

    assert events(site.page("Petra", path(told))) == []


def test_a_long_chronology_comes_in_pages_and_on_paper_whole(site: Site, case: CaseInPlay) -> None:
    first = date(2025, 1, 1)
    lines = [((first + timedelta(number // 2)).isoformat(), "", f"Event {number}") for number in range(205)]
    send_part(case, "Finn", POLICE, *lines)
    seen: list[str] = []
    here = path(case)

    for _ in range(3):
        page = site.page("Ines", here)
        seen += events(page)
        here = next((a.get("href") or "" for a in page.iter("a") if words(a) == "Later lines"), "")

    assert seen == [f"Event {number}" for number in range(205)]
    assert here == ""
    assert len(events(site.page("Ines", path(case, "?print=yes")))) == 205


@pytest.mark.parametrize("after", ["2026-02-30__1", "x", "2026-02-10_10:15_", "2026-02-10_10:15_1'--"])
def test_a_place_we_did_not_name_is_not_found(site: Site, told: CaseInPlay, after: str) -> None:
    assert site.browser("Ines").get(path(told), query_string={"after": after}).status_code == 404


def test_the_csv_is_what_the_page_shows(site: Site, told: CaseInPlay) -> None:
    answer = site.browser("Ines").get(path(told, f".csv?agency={told.agency(POLICE)}"))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="ESX-2026-001-chronology.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(one["Date"], one["Time"], one["Agency"], one["What happened"]) for one in rows] == [
        ("2026-02-10", "22:15", POLICE, "A call"),
        ("2026-05-01", "", POLICE, "A visit"),
    ]
    assert {one["Child seen or heard"] for one in rows} == {"Seen, not heard"}


def test_the_workbook_is_what_the_page_shows(site: Site, told: CaseInPlay) -> None:
    answer = site.browser("Ines").get(path(told, ".xlsx"))

    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:5] == ("Date", "Time", "Agency", "Source", "What happened")
    assert [row[4] for row in rows[1:]] == ["A bruise", "A call", "A visit", "Brought in"]
    assert rows[1][:3] == ("2026-02-10", "09:00", HOSPITAL)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_cell_is_taken_for_a_command(site: Site, case: CaseInPlay, command: str) -> None:
    send_part(case, "Finn", POLICE, ("2026-02-10", "", command))
    browser = site.browser("Ines")

    text = browser.get(path(case, ".csv")).data.decode("utf-8-sig")
    cell = openpyxl.load_workbook(io.BytesIO(browser.get(path(case, ".xlsx")).data)).active["E2"]

    assert list(csv.reader(io.StringIO(text)))[1][4] == f"'{command}"
    assert (cell.value, cell.data_type) == (command, "s")
    assert cell.quotePrefix


@pytest.mark.parametrize("text", ["A visit", "10:15", "", "Seen = heard", "a-b", "'quoted'"])
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert inert(text) == text


def test_the_workbook_says_nothing_of_who_made_it_or_when(site: Site, told: CaseInPlay) -> None:
    content = site.browser("Ines").get(path(told, ".xlsx")).data

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
        everything = b"".join(packed.read(name) for name in names)
        made = {entry.date_time for entry in packed.infolist()}
    assert not [name for name in names if name.startswith("docProps")]
    assert b"openpyxl" not in everything
    assert made == {(1980, 1, 1, 0, 0, 0)}


def test_who_took_it_away_is_on_record(site: Site, told: CaseInPlay) -> None:
    site.browser("Ines").get(path(told, ".csv"))

    with told.partnership.sessions() as session:
        what = {one.what for one in session.scalars(select(Reading).where(Reading.case_id == told.row.id))}
    assert what == {"chronology as CSV"}
