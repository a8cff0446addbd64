"""The settings that keep the database's promises, on every connection, on both engines."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from reviewflow import db, migrating
from reviewflow.people import Area, Person
from tests.making import make_area

ONLY_SQLITE = pytest.mark.parametrize("dialect", ["sqlite"])


def test_the_settings_are_safe_or_said_not_to_be(database):
    wrong = db.check_settings(database)

    if database.dialect.name == "sqlite":
        assert wrong == []
    else:  # the server of these tests gives durability up for speed, and the check sees it
        assert wrong == [
            "PostgreSQL's fsync is off: a commit could be lost in a power cut",
            "PostgreSQL's synchronous_commit is off: a commit could be lost in a power cut",
        ]


@ONLY_SQLITE
def test_a_setting_that_gives_a_promise_up_is_seen(database):
    with database.connect() as connection:
        connection.connection.cursor().execute("PRAGMA synchronous=NORMAL")

    assert db.check_settings(database) == ["SQLite's synchronous is 1, not 2"]


@ONLY_SQLITE
def test_every_connection_has_the_settings(database):
    looking = [database.connect().execution_options(reading=True) for _ in range(3)]

    found = [one.exec_driver_sql("PRAGMA synchronous").scalar() for one in looking]

    assert found == [2, 2, 2]
    for one in looking:
        one.close()


def test_the_settings_and_the_version_are_read_beside_a_writer(database, sessions):
    with db.transaction(sessions) as writer:
        make_area(writer)

        assert migrating.version_of(database) == migrating.newest_version()
        db.check_settings(database)


def test_a_row_that_refers_to_nothing_is_refused(database):
    with pytest.raises(DBAPIError), database.begin() as connection:
        connection.execute(
            text("INSERT INTO agency (public_id, area_id, name, kind) VALUES ('a', 77, 'Nobody', '')")
        )


def test_a_value_that_is_none_of_its_kind_is_refused(database, sessions):
    with db.transaction(sessions) as session:
        area = make_area(session)

    with pytest.raises(DBAPIError), database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO agency (public_id, area_id, name, kind, partner) "
                "VALUES ('a', :area, 'Nobody', '', 'church')"
            ),
            {"area": area.id},
        )


def test_a_time_without_a_zone_is_refused(sessions):
    person = Person(name="A", email="a@agency.example", added_at=datetime(2026, 12, 7, 12))  # noqa: DTZ001

    with pytest.raises(StatementError, match="without a time zone"), db.transaction(sessions) as session:
        session.add(person)


def test_a_time_comes_back_as_the_same_moment(sessions):
    at = datetime(2026, 7, 1, 12, 30, 0, 123456, tzinfo=UTC)
    with db.transaction(sessions) as session:
        session.add(Person(name="A", email="a@agency.example", added_at=at))

    with sessions() as session:
        assert session.query(Person).one().added_at == at


def test_a_change_that_raises_is_undone(sessions):
    def fails() -> None:
        with db.transaction(sessions) as session:
            make_area(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()

    with db.reading(sessions) as session:
        assert session.query(Area).all() == []


def test_who_reads_does_not_wait_for_who_writes(sessions):
    with db.transaction(sessions) as writer:
        make_area(writer)

        with db.reading(sessions) as reader:
            assert reader.query(Area).all() == []


def test_what_was_read_stays_readable(sessions):
    with db.transaction(sessions) as session:
        make_area(session)

    with db.reading(sessions) as session:
        area = session.query(Area).one()

    assert area.name == "Essex"


def test_read_and_then_written_is_never_lost(sessions):
    """Four at once, each reading a number and writing the next one, lose none."""
    with db.transaction(sessions) as session:
        area = make_area(session, name="0")

    def count() -> None:
        for _ in range(25):
            with db.transaction(sessions) as session:
                one = session.get_one(Area, area.id, with_for_update=True)
                one.name = str(int(one.name) + 1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with db.reading(sessions) as session:
        assert session.get_one(Area, area.id).name == "100"


def test_an_error_does_not_repeat_what_was_to_be_stored(sessions):
    now = datetime.now(UTC)
    twice = [Person(name="Poppy Larkspur", email="a@agency.example", added_at=now) for _ in range(2)]

    with pytest.raises(DBAPIError) as error, db.transaction(sessions) as session:
        session.add_all(twice)

    assert "Poppy" not in str(error.value)


@ONLY_SQLITE
def test_a_migration_that_leaves_broken_references_is_undone(database):
    def breaks(config, _to):
        config.attributes["connection"].execute(
            text("INSERT INTO agency (public_id, area_id, name, kind) VALUES ('a', 77, 'Nobody', '')")
        )

    with pytest.raises(migrating.BrokenReferences, match="agency"):
        migrating._run(database, breaks, "head")

    with database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM agency")).scalar() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_postgres_address_in_the_old_style_is_understood():
    assert str(db.connect("postgres://somebody@localhost/reviewflow").url).startswith("postgresql://")
