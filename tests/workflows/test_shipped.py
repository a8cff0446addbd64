"""The shipped definitions: their drawings are current, and nothing published has changed."""

from pathlib import Path

import pytest

from reviewflow.workflow.draw import mermaid
from reviewflow.workflow.load import load
from reviewflow.workflow.publish import changed_published
from tests.workflows.known import WORKFLOWS

FILES = sorted(WORKFLOWS.glob("*/v*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_drawing_is_current(path: Path):
    drawing = path.with_suffix(".mmd")

    assert drawing.read_text("utf-8") == mermaid(load(path)), "run `reviewflow workflows draw`"


def test_what_is_published_has_not_changed():
    assert changed_published(WORKFLOWS) == []
