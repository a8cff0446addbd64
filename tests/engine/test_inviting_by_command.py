"""`reviewflow people invite`: how the first administrator of an installation comes to sign in."""

import pytest
from sqlalchemy import select

from reviewflow import commands
from reviewflow.alerts import Alert
from reviewflow.people import Area, Person, RegisterEntry, RoleHolding, links

FIRST = ["people", "invite", "ada.marsh@unit.example", "--name", "Ada Marsh", "--area", "ESX"]


@pytest.fixture(autouse=True)
def installation(database_url, tmp_path, monkeypatch):
    """The settings of a service on this database."""
    monkeypatch.setenv("REVIEWFLOW_DATA", str(tmp_path))
    monkeypatch.setenv("REVIEWFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("REVIEWFLOW_SECRET_KEY", "a-key-for-tests-only-0123456789abcdef")


def test_the_first_administrator_gets_an_area_a_role_and_a_link(sessions, capsys):
    assert commands.main([*FIRST, "--area-name", "Essex"]) == 0

    address = capsys.readouterr().out.splitlines()[-1]
    with sessions() as session:
        ada = session.scalars(select(Person)).one()
        held = session.scalars(select(RoleHolding)).one()
        word = session.scalars(select(Alert)).one().variables["link"]
        found = links.find(session, "a-key-for-tests-only-0123456789abcdef", address.rpartition("/")[2])
        entries = [one.what for one in session.scalars(select(RegisterEntry))]
    assert address.startswith("http://127.0.0.1:8000/link/")
    assert found is not None
    assert found[1].id == ada.id
    assert (held.person_id, held.role) == (ada.id, "administrator")
    assert word.startswith("one-time:")
    assert entries == ["person added", "role given"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (FIRST, "There is no area ESX. Add it with --area-name."),
        ([*FIRST, "--area-name", "Essex", "--agency", "Nobody"], "Essex has no agency called Nobody."),
        ([*FIRST, "--area-name", "Essex", "--role", "king"], "There is no role king. The roles are "),
        (["people", "invite", "ada", *FIRST[3:]], "The email address must be an email address"),
    ],
)
def test_a_command_that_cannot_be_carried_out_changes_nothing(sessions, capsys, words, sentence):
    assert commands.main(words) == 2

    assert capsys.readouterr().err.startswith(sentence)
    with sessions() as session:
        assert session.scalars(select(Area)).all() == []


def test_an_address_can_be_invited_once(sessions, capsys):
    commands.main([*FIRST, "--area-name", "Essex"])

    assert commands.main(FIRST) == 2

    assert "is here already" in capsys.readouterr().err
    with sessions() as session:
        assert len(session.scalars(select(Person)).all()) == 1
