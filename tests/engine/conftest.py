"""The small definitions of these tests, one for each feature of the format, and cases under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reviewflow import engine
from reviewflow.db import transaction
from reviewflow.engine import Opening
from reviewflow.workflow.definition import Definitions
from reviewflow.workflow.load import load_all
from tests.making import CaseInPlay, Partnership, london

DEFINITIONS = Path(__file__).parent / "definitions"
Open = Callable[..., CaseInPlay]


@pytest.fixture(scope="session")
def small_definitions() -> Definitions:
    return load_all([DEFINITIONS])


@pytest.fixture
def open_case(partnership: Partnership, small_definitions: Definitions) -> Open:
    """Opens a case under one of the small definitions."""

    def opened(review: str, by: str = "Ines", at: str = "2026-12-07 12:00") -> CaseInPlay:
        here = replace(partnership, definitions=small_definitions)
        opening = Opening(review, here.areas["Essex"].id, here[by].id)
        with transaction(here.sessions) as session:
            done = engine.open_case(session, small_definitions, opening, london(at))
        return CaseInPlay(here, done.case_id, london(at))

    return opened
