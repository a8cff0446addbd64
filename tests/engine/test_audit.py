"""The record checked from end to end: whole as it is, and every way to rewrite it seen."""

import hashlib
import json

import pytest
from sqlalchemy import text

from reviewflow import db
from reviewflow.casefile.audit import audit
from reviewflow.commands import main
from tests.making import make_case


def found(database):
    with db.reading(db.make_sessions(database)) as session:
        return audit(session)


def rewrite(database, change: str) -> None:
    """What somebody could do who owns the database: lift the triggers first."""
    with database.begin() as connection:
        if database.dialect.name == "sqlite":
            for name in ("case_event_is_not_changed", "case_event_is_not_removed"):
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.connection.cursor().execute("PRAGMA defer_foreign_keys=ON")
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(change))


def test_a_record_nobody_touched_is_whole(partnership, database):
    cases = [make_case(partnership, at=state) for state in ("closed", "gathering")]

    seen = found(database)

    assert (seen.faults, seen.cases, seen.taken_out) == ([], 2, 0)
    assert seen.events == sum(case.row.event_count for case in cases)
    assert seen.heads == {case.row.reference: case.row.chain_head for case in cases}


CHANGED = "event {} was changed after it was made."
NOT_AFTER = "event {} does not follow the one before it."


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("UPDATE case_event SET acting_as = 'member' WHERE number = 2", [CHANGED.format(2)]),
        ("UPDATE case_event SET actor_id = 1 WHERE number = 1", [CHANGED.format(1)]),
        ("UPDATE case_event SET at = '2026-12-07 09:00:00+00:00' WHERE number = 2", [CHANGED.format(2)]),
        (
            "UPDATE case_event SET hash = 'other' WHERE number = 2",
            [CHANGED.format(2), NOT_AFTER.format(3)],
        ),
        (
            "UPDATE \"case\" SET state = 'ratified'",
            ["it stands at “ratified”, but its events lead to “gathering”."],
        ),
        ("UPDATE \"case\" SET chain_head = 'other'", ["its latest events are missing."]),
    ],
)
def test_what_was_rewritten_is_seen(partnership, database, change, faults):
    make_case(partnership, at="gathering")

    rewrite(database, change.replace("+00:00", "" if database.dialect.name == "sqlite" else "+00:00"))

    assert found(database).faults == [f"ESX-2026-001: {fault}" for fault in faults]


def test_an_event_taken_out_is_missed(open_case, database):
    case = open_case("branches")
    for what in ("first", "second"):
        case.do("note", "Ines", {"what": what})
    numbered = "(SELECT id FROM case_event WHERE number = 2)"
    with database.begin() as connection:
        connection.execute(text(f"DELETE FROM answers WHERE event_id = {numbered}"))
        if database.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER participation_is_not_removed"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"DELETE FROM participation WHERE event_id = {numbered}"))

    rewrite(database, "DELETE FROM case_event WHERE number = 2")

    assert found(database).faults == [
        "ESX-2026-001: event 2 is missing.",
        "ESX-2026-001: event 3 does not follow the one before it.",
    ]


def test_answers_taken_out_are_counted_and_no_fault(open_case, database):
    case = open_case("branches")
    case.do("note", "Ines", {"what": "A name"})
    with database.begin() as connection:
        connection.execute(text("UPDATE answers SET content = '{}'"))

    seen = found(database)

    assert (seen.faults, seen.taken_out) == ([], 1)


# The command line


@pytest.fixture
def command_line(database_url, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("REVIEWFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("REVIEWFLOW_DATA", str(tmp_path))

    def run(*words: str) -> tuple[int, str]:
        code = main(list(words))
        return code, capsys.readouterr().out

    return run


def test_the_command_says_that_the_record_is_whole_or_not(open_case, database, command_line):
    open_case("branches").do("note", "Ines", {"what": "A word"})

    assert command_line("audit", "verify") == (0, "The record is whole.\nLooked at: 1 cases, 2 events.\n")

    rewrite(database, "UPDATE case_event SET acting_as = 'member' WHERE number = 2")
    with database.begin() as connection:
        connection.execute(text("UPDATE answers SET content = '{}'"))
    code, said = command_line("audit", "verify")
    assert (code, said.splitlines()) == (
        1,
        [
            "ESX-2026-001: event 2 was changed after it was made.",
            "Looked at: 1 cases, 2 events.",
            "The answers of 1 events are no longer those that were given.",
        ],
    )
    code, said = command_line("audit", "verify", "--json")
    assert (code, json.loads(said)["faults"]) == (1, ["ESX-2026-001: event 2 was changed after it was made."])


def test_anybody_can_follow_the_exported_chain(partnership, command_line):
    case = make_case(partnership, at="analysing")

    code, said = command_line("audit", "export", "--jsonl")

    previous, lines = "", said.splitlines()
    for line in lines:
        event = json.loads(line)
        event.pop("reference")
        sealed = event.pop("hash")
        assert event["previous"] == previous
        canonical = json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(canonical.encode()).hexdigest() == sealed
        previous = sealed
    assert (code, len(lines), previous) == (0, case.row.event_count, case.row.chain_head)
    assert "Larkspur" not in said


@pytest.mark.parametrize("words", [("verify",), ("export", "--jsonl")])
def test_a_bad_setting_is_named(command_line, monkeypatch, words):
    monkeypatch.setenv("REVIEWFLOW_SMTP_PORT", "none")

    assert command_line("audit", *words)[0] == 2
