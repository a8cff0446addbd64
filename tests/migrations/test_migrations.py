"""From nothing to the newest tables and back; what the tables say and what the database refuses."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from reviewflow import db
from reviewflow.commands import main
from reviewflow.migrating import migrate_down, migrate_up, newest_version, version_of
from tests.migrations.first_tables import every_table


def objects(connection) -> list[str]:
    """The name of everything in the database that is ours: tables, indexes, triggers, functions."""
    if connection.dialect.name == "sqlite":
        query = "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    else:
        query = """
            SELECT 'relation ' || relname FROM pg_class
              JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'
            UNION SELECT 'function ' || proname FROM pg_proc
              JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"""
    return sorted(connection.execute(text(query)).scalars())


@pytest.fixture
def empty(empty_database_url):
    engine = db.connect(empty_database_url)
    yield engine
    engine.dispose()


def test_from_nothing_to_the_newest_version_and_back_leaves_nothing(empty):
    migrate_up(empty)

    assert version_of(empty) == newest_version()

    migrate_down(empty, "base")

    assert version_of(empty) is None
    with empty.connect() as connection:
        assert [name for name in objects(connection) if "alembic_version" not in name] == []


def test_migrating_twice_changes_nothing(empty):
    migrate_up(empty)
    with empty.connect() as connection:
        before = objects(connection)

    migrate_up(empty)

    with empty.connect() as connection:
        assert objects(connection) == before


def test_models_and_tables_agree(database):
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, every_table()) == [], (
            "The models and the migrations differ. Until the first release: "
            "python -m tests.migrations.first_tables"
        )


def test_the_command_line_migrates_up_and_down(empty_database_url, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("REVIEWFLOW_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("REVIEWFLOW_DATA", str(tmp_path))

    codes = [
        main(["migrate", "up"]),
        main(["migrate", "up", "--to", "9999"]),
        main(["migrate", "down", "--to", "base"]),
    ]

    said = capsys.readouterr()
    assert codes == [0, 2, 0]
    assert said.out.splitlines() == [
        "The database is at version 0001.",
        "The database is at version base: it has no tables.",
    ]
    assert said.err.startswith("The database was not changed. Can't locate revision")


def test_the_command_line_refuses_a_bad_setting(monkeypatch, capsys):
    monkeypatch.setenv("REVIEWFLOW_SMTP_PORT", "none")

    assert main(["migrate", "up"]) == 2
    assert "REVIEWFLOW_SMTP_PORT must be a whole number above 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "table", ["case_event", "participation", "reading", "register_entry", "ratification"]
)
def test_every_table_of_the_record_refuses_changes_by_trigger(database, table):
    """What they refuse is shown on real rows in tests/engine; that each has its triggers, here."""
    with database.connect() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        else:
            query = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = to_regclass(:table)"
        defined = " ".join(connection.execute(text(query), {"table": table}).scalars())

    assert f"{table}_is_not_removed" in defined
    assert "BEFORE UPDATE" in defined
    assert "BEFORE DELETE" in defined


def test_a_register_entry_is_neither_changed_nor_removed(database):
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO register_entry (number, at, what, details, previous_hash, hash) "
                "VALUES (1, '2026-12-07 12:00:00', 'role given', '{}', '', 'a')"
            )
        )

    changes = ["UPDATE register_entry SET what = 'nothing'", "DELETE FROM register_entry"]
    changes.append(
        "INSERT OR REPLACE INTO register_entry SELECT * FROM register_entry"
        if database.dialect.name == "sqlite"
        else "TRUNCATE register_entry"
    )
    for change in changes:
        with (
            pytest.raises(DBAPIError, match="register_entry is never changed"),
            database.begin() as connection,
        ):
            connection.execute(text(change))


def test_foreign_keys_are_watched_again_after_a_migration(empty):
    migrate_up(empty)

    with pytest.raises(DBAPIError), empty.begin() as connection:
        connection.execute(text("INSERT INTO \"group\" (area_id, name, purpose) VALUES (77, 'a', '')"))


def names_of(inspector, table: str) -> set[str]:
    found = {one["name"] for one in inspector.get_check_constraints(table)}
    found |= {one["name"] for one in inspector.get_foreign_keys(table)}
    found |= {one["name"] for one in inspector.get_unique_constraints(table)}
    return found | {one["name"] for one in inspector.get_indexes(table)}


def test_every_check_key_and_index_of_the_models_is_in_the_tables(database, postgres, empty):
    metadata = every_table()
    metadata.create_all(empty)
    migrated, wanted = inspect(database), inspect(empty)

    tables = set(wanted.get_table_names())
    assert set(migrated.get_table_names()) == tables | {"alembic_version"}
    assert {table: names_of(migrated, table) for table in tables} == {
        table: names_of(wanted, table) for table in tables
    }
    assert {table: {one["sqltext"] for one in migrated.get_check_constraints(table)} for table in tables} == {
        table: {one["sqltext"] for one in wanted.get_check_constraints(table)} for table in tables
    }


def test_no_constraint_is_without_a_name(database):
    inspector = inspect(database)

    assert [table for table in inspector.get_table_names() if None in names_of(inspector, table)] == []
