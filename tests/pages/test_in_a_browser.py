"""The gallery in a real browser: wide and narrow, with scripts and without, by keyboard and on paper."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import NARROW, WIDE, chromium, complaints, serving, violations
from tests.pages.gallery import make_gallery

APP = make_gallery(csrf=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(APP) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def tab(browser, address, request) -> Iterator[Page]:
    options = getattr(request, "param", {})
    width = options.pop("width", WIDE) if options else WIDE
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900}, **options)
    yield context.new_page()
    context.close()


def open_with_errors(tab):
    tab.goto("/form")
    tab.get_by_label("Title").press("Enter")
    tab.wait_for_selector(".govuk-error-summary")


@pytest.mark.parametrize("tab", [{"width": WIDE}, {"width": NARROW}], indirect=True, ids=["wide", "narrow"])
@pytest.mark.parametrize("path", ["/form", "/parts", "/nothing", "errors"])
def test_no_barrier_is_found_and_nothing_scrolls_sideways(tab, path):
    heard = complaints(tab)

    open_with_errors(tab) if path == "errors" else tab.goto(path)

    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert heard == []


def test_each_error_link_moves_the_focus_to_its_input(tab):
    open_with_errors(tab)
    links = tab.locator(".govuk-error-summary a")
    count = links.count()

    assert count == 13
    for number in range(count):
        target = links.nth(number).get_attribute("href")[1:]
        links.nth(number).press("Enter")
        assert tab.evaluate("[document.activeElement.id, document.activeElement.tagName]") in (
            [target, "INPUT"],
            [target, "TEXTAREA"],
            [target, "SELECT"],
        )


def test_the_page_is_set_in_our_typeface(tab):
    tab.goto("/parts")

    family = tab.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
    loaded = tab.evaluate("document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded').length)")
    assert "Atkinson Hyperlegible Next" in family
    assert loaded


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True)
def test_a_row_is_added_without_scripts_and_what_was_typed_stays(tab):
    tab.goto("/form")
    tab.fill("#title", "Typed before")
    tab.fill("#events-0-event", "Seen")

    tab.get_by_role("button", name="Add another event").click()

    assert tab.input_value("#title") == "Typed before"
    assert tab.input_value("#events-0-event") == "Seen"
    assert tab.locator("#events-1-event").is_visible()
    assert tab.locator("#ethnicity-value").is_visible()


@pytest.mark.parametrize("tab", [{"java_script_enabled": False, "width": NARROW}], indirect=True)
def test_every_place_can_be_reached_without_scripts(tab):
    tab.goto("/parts")

    for name in ("Your work", "Board", "Cases", "Calendar", "People", "Mail"):
        assert tab.get_by_role("link", name=name, exact=True).is_visible()
    assert tab.get_by_role("button", name="Sign out").is_visible()


def test_a_draft_saves_itself_every_ten_seconds_once_something_was_typed(tab):
    tab.clock.install()
    sent = []
    tab.on(
        "request", lambda request: sent.append(request.post_data) if request.url.endswith("/draft") else None
    )
    tab.goto("/form")
    tab.clock.run_for(21_000)
    tab.fill("#title", "Half a title")
    with tab.expect_response("**/draft"):
        tab.clock.run_for(10_500)

    tab.get_by_text("Saved at 14:05").wait_for()
    tab.clock.run_for(30_000)

    assert len(sent) == 1
    assert "title=Half+a+title" in sent[0]
    assert "csrf_token=" in sent[0]


@pytest.mark.parametrize("tab", [{"width": NARROW}], indirect=True)
def test_a_table_becomes_cards_that_still_read_as_a_table(tab):
    tab.goto("/parts")

    cell = tab.get_by_role("cell", name="Gathering what agencies know")

    assert cell.evaluate("e => getComputedStyle(e).display") == "block"
    assert cell.evaluate("e => getComputedStyle(e, '::before').content") == '"Stage: "'
    assert tab.get_by_role("row").count() == 3


def test_on_paper_there_is_the_page_and_nothing_to_press(tab):
    tab.goto("/parts")
    tab.emulate_media(media="print")

    assert tab.get_by_role("heading", name="Every part").is_visible()
    assert tab.get_by_text("Day 9 of 15.").is_visible()
    for name in (".govuk-service-navigation", ".govuk-pagination", ".govuk-footer"):
        assert not tab.locator(name).first.is_visible()
