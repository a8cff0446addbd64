import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session


@pytest.mark.parametrize("way_in", ["connect", "begin", "raw_connection"])
def test_a_test_of_rules_cannot_open_a_database(way_in):
    engine = create_engine("sqlite://")

    with pytest.raises(AssertionError, match="touched a database"):
        getattr(engine, way_in)()


def test_a_session_cannot_either():
    with Session(create_engine("sqlite://")) as session, pytest.raises(AssertionError):
        session.connection()
