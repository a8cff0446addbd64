"""What people type, read tolerantly and refused clearly."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.web.typed import (
    Unreadable,
    london_instant,
    read_date,
    read_email,
    read_time,
    read_whole_number,
    refuse_hidden,
    visible,
)

READINGS = (
    lambda text: read_date(text, text, text, "It"),
    lambda text: read_time(text, "It"),
    lambda text: read_whole_number(text, "It", 0, 100),
    lambda text: read_email(text, "It"),
    lambda text: refuse_hidden(text, "It"),
)


def said_of(reading, text):
    """The sentence that refuses `text`, None when it is read."""
    try:
        reading(text)
    except Unreadable as error:
        return str(error)
    return None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(text):
    for reading in READINGS:
        assert (said_of(reading, text) or "It is read").startswith("It ")


@given(st.text(max_size=60))
def test_visible_text_has_nothing_hidden_and_stays_as_it_is(text):
    once = visible(text)

    refuse_hidden(once, "It")
    assert visible(once) == once
    assert once == once.rstrip()


@pytest.mark.parametrize(
    ("day", "month", "year", "expected"),
    [
        ("27", "3", "2026", date(2026, 3, 27)),
        ("07", "03", "2026", date(2026, 3, 7)),
        (" 7 ", "march", "2026", date(2026, 3, 7)),
        ("7", "Sept", "2026", date(2026, 9, 7)),
        ("29", "2", "2028", date(2028, 2, 29)),
    ],
)
def test_a_date_is_read(day, month, year, expected):
    assert read_date(day, month, year, "It") == expected


@pytest.mark.parametrize(
    ("day", "month", "year", "sentence"),
    [
        ("27", "3", "", "It must include a year"),
        ("", "3", "", "It must include a day and a year"),
        ("31", "2", "2027", "It must be a real date: February 2027 has 28 days"),
        ("0", "2", "2027", "It must be a real date: February 2027 has 28 days"),
        ("1", "13", "2027", "It must be a real date: there are 12 months"),
        ("x", "1", "2027", "It must be a real date, such as 27 3 2026"),
        ("²", "1", "2027", "It must be a real date, such as 27 3 2026"),
        ("1", "ju", "2027", "It must be a real date, such as 27 3 2026"),
        ("1", "1", "27", "It must have a year of four numbers, such as 2026"),
        ("1", "1", "20266", "It must have a year of four numbers, such as 2026"),
        ("1", "1", "0001", "It must have a year between 1850 and 2150"),
    ],
)
def test_a_date_that_is_none_is_refused(day, month, year, sentence):
    with pytest.raises(Unreadable) as refused:
        read_date(day, month, year, "It")

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:05", time(14, 5)),
        ("2:05pm", time(14, 5)),
        ("2.05 p.m.", time(14, 5)),
        ("1405", time(14, 5)),
        ("905", time(9, 5)),
        ("2pm", time(14)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("Midday", time(12)),
        ("midnight", time(0)),
    ],
)
def test_a_time_is_read(text, expected):
    assert read_time(text, "It") == expected


@pytest.mark.parametrize("text", ["14", "25:00", "14:60", "13pm", "0am", "soon", "1:2", "14:05:00"])
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(Unreadable, match=r"^It must be a (real )?time"):
        read_time(text, "It")


def test_an_hour_that_the_clocks_skipped_is_refused():
    with pytest.raises(Unreadable, match="clocks went forward"):
        london_instant(date(2026, 3, 29), time(1, 30), "It")


def test_an_hour_that_comes_twice_is_the_first():
    assert london_instant(date(2026, 10, 25), time(1, 30), "It") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["a@b.example", "first.last+tag@sub.example.org"])
def test_an_address_is_read(text):
    assert read_email(f" {text} ", "It") == text


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a@b",
        "a b@c.example",
        "a@b..example",
        "<a@b.example>",
        "a@b.example\nBcc: c@d.example",
        "@b.example",
    ],
)
def test_an_address_that_is_none_is_refused(text):
    with pytest.raises(Unreadable, match=r"^It must be an email address"):
        read_email(text, "It")


@pytest.mark.parametrize("hidden", ["\0", "\x07", "\x1b", "\x85", "\u202e", "\u2066", "\ud800"])
def test_a_hidden_character_is_refused_and_its_place_told(hidden):
    with pytest.raises(Unreadable) as refused:
        refuse_hidden(f"the health visitor{hidden} called", "It")

    assert str(refused.value) == (
        "It had a hidden character after “the health visitor”."
        " We have taken it out. Check the text and send it again"
    )
    assert visible(f"the health visitor{hidden} called") == "the health visitor called"


def test_letters_that_a_hidden_character_held_apart_come_together():
    assert visible("Sia\0\u0302n") == "Siân"


def test_lines_tabs_and_accents_are_kept_in_one_form():
    assert visible("Sia\u0302n\r\n\tat home\rtoday \n\n") == "Siân\n\tat home\ntoday"
