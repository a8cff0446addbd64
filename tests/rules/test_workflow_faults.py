"""Every fault a definition can have is told in one sentence, with the line where it lies.

Each file under `definitions/faults` begins with what is to be said of it.
"""

import re
from pathlib import Path

import pytest

from reviewflow.workflow.check import check
from reviewflow.workflow.load import load
from reviewflow.workflow.strict import DefinitionFaults
from tests.workflows.known import FAULTS, NAMES

SAYS = re.compile(r"^# Says in line (\d+): (.*)$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(FAULTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_fault_is_told_with_its_line(path: Path):
    expected = [f"{path}, line {line}: {says}" for line, says in SAYS.findall(path.read_text("utf-8"))]

    try:
        told = check(load(path), NAMES)
    except DefinitionFaults as faults:
        told = [str(fault) for fault in faults]

    assert told == expected
