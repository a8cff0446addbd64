"""The shipped definitions: their drawings are current, and nothing published has changed."""

import re
from pathlib import Path

import pytest

from reviewflow.workflow.check import check
from reviewflow.workflow.draw import mermaid
from reviewflow.workflow.load import CLOCK_KEYS, DEFINITION_KEYS, TASK_KEYS, load
from reviewflow.workflow.names import Names
from reviewflow.workflow.publish import changed_published
from reviewflow.workflow.triggers import EFFECT_KEYS, QUESTION_KEYS, TRIGGER_KEYS
from tests.workflows.known import WORKFLOWS

README = WORKFLOWS / "README.md"
FILES = sorted(WORKFLOWS.glob("*/v*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_drawing_is_current(path: Path):
    drawing = path.with_suffix(".mmd")

    assert drawing.read_text("utf-8") == mermaid(load(path)), "run `reviewflow workflows draw`"


def test_what_is_published_has_not_changed():
    assert changed_published(WORKFLOWS) == []


def test_the_example_for_managers_is_sound(tmp_path: Path):
    example = tmp_path / "v1.yaml"
    blocks = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    example.write_text(blocks[0], "utf-8")

    assert check(load(example), Names()) == []


def test_the_words_for_managers_name_every_key():
    explained = README.read_text("utf-8")

    keys = {*DEFINITION_KEYS, *CLOCK_KEYS, *TASK_KEYS, *TRIGGER_KEYS, *QUESTION_KEYS, *EFFECT_KEYS}
    assert [key for key in sorted(keys) if f"`{key}" not in explained] == []
