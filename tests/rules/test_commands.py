import json

import pytest

from reviewflow.commands import SUB_COMMANDS, main


def explain(capsys, *words: str) -> dict:
    assert main(["clocks", "explain", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_clocks_explain_prints_the_workings_as_json(capsys):
    printed = explain(capsys, "--from", "2026-12-10", "--length", "15 working days")

    assert (printed["due"], printed["due_weekday"], printed["day_1"]) == (
        "2027-01-05",
        "Tuesday",
        "2026-12-11",
    )
    assert {"date": "2026-12-28", "weekday": "Monday", "reason": "Boxing Day (substitute day)"} in printed[
        "left_out"
    ]
    assert {"from", "length", "count", "before", "last_working_day", "calendar_version"} <= set(printed)


@pytest.mark.parametrize(
    ("words", "due"),
    [
        (["--from", "2026-12-10", "--length", "15 working days", "--count", "same_day"], "2027-01-04"),
        (["--from", "2027-01-06", "--length", "7 working days", "--before"], "2026-12-23"),
        (["--from", "2026-01-12", "--length", "6 months"], "2026-07-12"),
        (["--from", "2026-12-10", "--length", "48 hours"], "2026-12-12T00:00:00+00:00"),
        (["--from", "2027-03-27T12:00", "--length", "48 hours"], "2027-03-29T13:00:00+01:00"),
        (["--from", "2026-07-14T23:30:00Z", "--length", "1 working day"], "2026-07-16"),
    ],
)
def test_clocks_explain_counts_every_way(capsys, words, due):
    assert explain(capsys, *words)["due"] == due


def test_clocks_explain_reads_aloud(capsys):
    main(["clocks", "explain", "--from", "2026-05-01", "--length", "1 working day"])

    assert capsys.readouterr().out.splitlines() == [
        "1 working day from Friday 1 May 2026, that day not counted.",
        "Due: Tuesday 5 May 2026",
        "Day 1: Tuesday 5 May 2026",
        "Left out: Saturday 2 May 2026",
        "Left out: Sunday 3 May 2026",
        "Left out: Monday 4 May 2026 (Early May bank holiday)",
        "Calendar: england-and-wales-2018-2028",
    ]


def test_clocks_explain_reads_hours_aloud(capsys):
    main(["clocks", "explain", "--from", "2026-07-10T14:30", "--length", "48 hours"])

    assert capsys.readouterr().out.splitlines()[:3] == [
        "48 hours from 14:30 on Friday 10 July 2026.",
        "Due: 14:30 on Sunday 12 July 2026",
        "Last working day: Friday 10 July 2026",
    ]


@pytest.mark.parametrize(
    ("start", "length", "count", "sentence"),
    [
        ("10 December", "5 days", "day_after", "“10 December” is not a date. Write it like 2026-12-10"),
        ("2026-02-30", "5 days", "day_after", "“2026-02-30” is not a date."),
        ("2027-03-28T01:30", "48 hours", "day_after", "There was no 01:30 on Sunday 28 March 2027"),
        ("2026-12-10", "soon", "day_after", "“soon” is not a length."),
        ("2026-12-10", "5 days", "tomorrow", "We count from day_after or same_day"),
        ("2028-12-20", "15 working days", "day_after", "The bank holidays are known from 2018 to 2028"),
    ],
)
def test_what_cannot_be_counted_is_a_sentence_and_exit_code_2(capsys, start, length, count, sentence):
    code = main(["clocks", "explain", "--from", start, "--length", length, "--count", count])

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith(sentence)


@pytest.mark.parametrize("words", [[], ["clocks"], ["unheard-of"], ["clocks", "explain"]])
def test_an_incomplete_command_shows_how_to_use_it(capsys, words):
    with pytest.raises(SystemExit) as stopped:
        main(words)

    assert stopped.value.code == 2
    assert "usage: reviewflow" in capsys.readouterr().err


def test_every_sub_command_has_words_of_its_own():
    words = [command.words for command in SUB_COMMANDS]

    assert len(set(words)) == len(words)
