"""What surrounds every page, what every answer tells the browser, and what is said when something fails."""

import logging
import re
from datetime import UTC, date, datetime

import pytest

from reviewflow.web.filters import london_moment, london_time, short_date, weekday_date
from reviewflow.web.page import Nav, offer_navigation
from tests.pages.gallery import make_gallery
from tests.pages.reading import by_id, read_our_page, words

POLICY = (
    "default-src 'none'; script-src 'nonce-{}'; style-src 'self'; font-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
APP = make_gallery()


@pytest.fixture
def client():
    return APP.test_client()


def test_the_parts_of_a_page_stand_where_they_belong(client):
    root = read_our_page(client.get("/parts").text)

    assert root.find("head/title").text == "Every part – ReviewFlow"
    assert next(root.iter("main")).get("data-page") == "parts"
    assert words(next(root.iter("h1"))) == "Every part"
    text = words(root)
    for expected in (
        "Skip to main content",
        "Alerts are delayed.",
        "The draft is saved.",
        "Ada Marsh",
        "Sign out",
        "Rapid review. Day 9 of 15.",
        "Day 10, Wednesday 23 December 2026: Meeting",
        "Ada Marsh, Essex County Council, Monday 21 December 2026 at 2:05pm",
        "Due Wednesday 30 December 2026",
    ):
        assert expected in text
    current = [e for e in root.iter("a") if e.get("aria-current")]
    assert [words(e) for e in current] == ["Cases"]
    today = [words(e) for e in root.iter("li") if e.get("aria-current") == "date"]
    assert today == ["Day 9 Tue 22 Dec today"]


def test_nothing_of_the_crown_or_its_typeface_is_on_a_page(client):
    for path in ("/parts", "/form", "/static/site.css", "/static/plain.css"):
        with client.get(path) as answer:
            text = answer.text

        for not_ours in ("GDS Transport", "govuk-logo", "crown", "gov.uk/"):
            assert not_ours.lower() not in text.lower()


def test_a_page_is_readable_without_the_fetched_assets(client, monkeypatch):
    monkeypatch.setitem(APP.jinja_env.globals, "has_vendor", False)

    text = client.get("/parts").text

    read_our_page(text)
    assert "/static/plain.css" in text
    assert "vendor" not in text
    assert "govuk.js" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/parts", 200),
        ("GET", "/form", 200),
        ("POST", "/form", 400),
        ("GET", "/elsewhere", 302),
        ("GET", "/nothing", 404),
        ("PUT", "/parts", 405),
        ("OPTIONS", "/parts", 200),
        ("HEAD", "/parts", 200),
        ("GET", "/breaks", 500),
        ("GET", "/static/site.css", 200),
        ("GET", "/static/nothing.css", 404),
    ],
)
def test_every_answer_carries_the_headers(client, method, path, status):
    answer = client.open(path, method=method, buffered=True)

    assert answer.status_code == status
    nonce = re.search(r"'nonce-([\w-]{20,})'", answer.headers["Content-Security-Policy"])[1]
    assert answer.headers["Content-Security-Policy"] == POLICY.format(nonce)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers
    if path != "/static/site.css":
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]
    for script in re.findall(r"<script[^>]*>", answer.text):
        assert f'nonce="{nonce}"' in script


def test_a_nonce_is_used_once(client):
    first, second = (client.get("/form").headers["Content-Security-Policy"] for _ in range(2))

    assert first != second


def test_over_tls_browsers_are_told_to_stay_there_and_cookies_insist_on_it():
    client = make_gallery(csrf=True, https=True).test_client()

    answer = client.get("/form", base_url="https://reviews.example")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-form=")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert word in cookie


@pytest.mark.parametrize(
    "host", ["evil.example", "reviews.example.evil.example", "bad host", "reviews.example@evil"]
)
def test_a_public_service_answers_to_its_own_name_only(host):
    client = make_gallery(https=True).test_client()

    answer = client.get("/form", base_url="https://reviews.example", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    read_our_page(answer.text)


def test_an_odd_host_never_breaks_a_service_that_answers_to_any(client):
    assert client.get("/form", headers={"Host": "bad host"}).status_code in (200, 400)


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429])
def test_each_refusal_has_a_page_that_says_what_to_do(client, code):
    answer = client.get(f"/fails/{code}")

    root = read_our_page(answer.text)
    assert answer.status_code == code
    assert next(root.iter("main")).get("data-page") == f"error-{code}"
    assert len(words(next(root.iter("main"))).split()) > 12
    assert "Ada Marsh" in words(root)


def test_a_refusal_without_a_page_of_its_own_keeps_its_code(client):
    answer = client.get("/fails/418")

    assert answer.status_code == 418
    assert next(read_our_page(answer.text).iter("main")).get("data-page") == "error-400"


def test_a_page_that_does_not_exist_does_not_repeat_its_address(client):
    assert (
        client.get("/nothing/secret").text == client.get("/another").text
        or "secret" not in client.get("/nothing/secret").text
    )


def test_a_wrong_method_says_which_are_allowed(client):
    assert "GET" in client.put("/parts").headers["Allow"]


def test_a_failure_is_logged_once_under_the_reference_that_the_page_shows(client, caplog):
    with caplog.at_level(logging.INFO):
        answer = client.get("/breaks")

    reference = re.search(r"<strong>([0-9A-F]{8})</strong>", answer.text)[1]
    assert answer.status_code == 500
    assert "child" not in answer.text
    assert "Traceback" not in answer.text
    assert [record.message for record in caplog.records] == [f"failure {reference}"]
    read_our_page(answer.text)


def test_a_failure_is_told_even_when_the_navigation_fails_too():
    app = make_gallery()
    offer_navigation(app, lambda: Nav(links=[1 // 0]))

    answers = [app.test_client().get(path) for path in ("/parts", "/nothing")]

    assert [answer.status_code for answer in answers] == [500, 500]
    for answer in answers:
        assert "give them the reference" in words(read_our_page(answer.text))


def test_a_form_without_its_token_is_refused_with_a_page():
    client = make_gallery(csrf=True).test_client()

    answer = client.post("/form", data={"title": "x"})

    assert answer.status_code == 400
    assert "This page was open for too long" in answer.text
    read_our_page(answer.text)


def test_a_form_with_its_token_is_taken():
    client = make_gallery(csrf=True).test_client()
    token = next(
        e.get("value")
        for e in read_our_page(client.get("/form").text).iter("input")
        if e.get("name") == "csrf_token"
    )

    answer = client.post("/form", data={"csrf_token": token, "title": "Kept"})

    assert by_id(read_our_page(answer.text), "title").get("value") == "Kept"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_more_than_a_form_may_hold_is_refused_with_a_page(client, kind):
    body = b'--b\r\nContent-Disposition: form-data; name="story"\r\n\r\n' + b"x" * 7_000_000 + b"\r\n--b--"

    answer = client.post("/form", data=body, content_type=kind)

    assert answer.status_code == 413
    read_our_page(answer.text)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 12, 10, 14, 5, tzinfo=UTC), "2:05pm"),
        (datetime(2026, 7, 10, 14, 5, tzinfo=UTC), "3:05pm"),
        (datetime(2026, 12, 10, 9, 0, tzinfo=UTC), "9am"),
        (datetime(2026, 12, 10, 12, 0, tzinfo=UTC), "midday"),
        (datetime(2026, 12, 10, 0, 0, tzinfo=UTC), "midnight"),
        (datetime(2026, 12, 10, 12, 30, tzinfo=UTC), "12:30pm"),
        (datetime(2026, 12, 10, 0, 30, tzinfo=UTC), "12:30am"),
    ],
)
def test_a_time_reads_as_in_london(moment, expected):
    assert london_time(moment) == expected


def test_a_day_shows_its_weekday():
    assert weekday_date(date(2026, 12, 10)) == "Thursday 10 December 2026"
    assert weekday_date(datetime(2026, 7, 9, 23, 30, tzinfo=UTC)) == "Friday 10 July 2026"
    assert london_moment(datetime(2026, 7, 9, 23, 30, tzinfo=UTC)) == "Friday 10 July 2026 at 12:30am"
    assert short_date(date(2026, 12, 10)) == "Thu 10\N{NO-BREAK SPACE}Dec"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        london_time(datetime(2026, 7, 9, 23, 30))  # noqa: DTZ001
