"""Definitions are read strictly, and folders of them are read together."""

import hashlib
from pathlib import Path

import pytest

from reviewflow.workflow.load import load, load_all, load_criteria
from reviewflow.workflow.strict import LARGEST_FILE, DefinitionFaults
from tests.workflows.known import DEFINITIONS, WORKFLOWS

SMALL = (DEFINITIONS / "by_each.yaml").read_text("utf-8")
CRITERIA = (
    "name: guidance-2018\ntitle: Guidance of 2018\ncriteria:\n  improvements: Improvements are needed\n"
)


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def faults_of(*folders: Path) -> list[str]:
    with pytest.raises(DefinitionFaults) as raised:
        load_all(folders)
    return [str(fault) for fault in raised.value]


def test_the_shipped_definitions_are_read():
    definitions = load_all([WORKFLOWS])

    rapid_review = definitions.latest("rapid-review")

    assert rapid_review.version == 1
    assert rapid_review.initial == "referred"
    assert definitions["rapid-review", 1] is rapid_review
    assert rapid_review.criteria in definitions.criteria
    assert "rapid-review" in definitions.names()
    assert len(list(definitions)) == len(definitions)


def test_the_fingerprint_is_that_of_the_bytes():
    path = DEFINITIONS / "by_each.yaml"

    assert load(path).fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_value_is_text(tmp_path: Path):
    path = written(tmp_path / "small.yaml", SMALL.replace("title: Agree", "title: no"))

    assert load(path).triggers["agree"].title == "no"


def test_the_latest_version_is_the_highest(tmp_path: Path):
    for version in (2, 10, 9):
        text = SMALL.replace("version: 1", f"version: {version}")
        written(tmp_path / "by-each" / f"v{version}.yaml", text)

    definitions = load_all([tmp_path])

    assert definitions.latest("by-each").version == 10
    assert definitions.names() == ("by-each",)


def test_there_is_no_latest_version_of_an_unknown_review_type():
    with pytest.raises(KeyError, match="never-heard-of"):
        load_all([WORKFLOWS]).latest("never-heard-of")


def test_a_partnership_can_keep_definitions_in_a_folder_of_its_own(tmp_path: Path):
    written(tmp_path / "by-each" / "v1.yaml", SMALL)
    written(tmp_path / "criteria" / "guidance-2018.yaml", CRITERIA)

    definitions = load_all([WORKFLOWS, tmp_path])

    assert {"by-each", "rapid-review"} <= set(definitions.names())
    assert definitions.criteria["guidance-2018"].criteria == {"improvements": "Improvements are needed"}


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path):
    first = written(tmp_path / "by-each" / "v1.yaml", SMALL.replace("title: Agree", "titel: Agree"))
    second = written(tmp_path / "by-each" / "v2.yaml", "- nothing")
    third = written(tmp_path / "criteria" / "guidance-2018.yaml", CRITERIA.replace("title", "titles"))

    assert faults_of(tmp_path, tmp_path / "elsewhere") == [
        f"{first}, line 16: triggers.agree.titel: “titel” is not a key that is known here."
        " Did you mean “title”?",
        f"{second}, line 1: A definition is a list of keys and their values.",
        f"{third}, line 1: “title” is missing.",
        f"{third}, line 2: titles: “titles” is not a key that is known here. Did you mean “title”?",
        f"{tmp_path / 'elsewhere'}, line 1: There is no folder of definitions here.",
    ]


def test_a_definition_lies_where_its_name_and_version_say(tmp_path: Path):
    path = written(tmp_path / "by-one" / "v2.yaml", SMALL)

    assert faults_of(tmp_path) == [
        f"{path}, line 2: name: this is by-each, but the folder is called by-one.",
        f"{path}, line 3: version: this is version 1, but the file is called v2.yaml.",
    ]


def test_a_definition_is_defined_once(tmp_path: Path):
    first = written(tmp_path / "one" / "by-each" / "v1.yaml", SMALL)
    second = written(tmp_path / "two" / "by-each" / "v1.yaml", SMALL)

    assert faults_of(tmp_path / "one", tmp_path / "two") == [
        f"{second}, line 1: by-each v1 is already defined in {first}."
    ]


def test_an_edition_of_the_criteria_is_defined_once(tmp_path: Path):
    written(tmp_path / "one" / "criteria" / "guidance-2018.yaml", CRITERIA)
    second = written(tmp_path / "two" / "criteria" / "guidance-2018.yaml", CRITERIA)

    assert faults_of(tmp_path / "one", tmp_path / "two") == [
        f"{second}, line 1: guidance-2018 is already defined in another folder."
    ]


def test_the_criteria_of_a_definition_exist(tmp_path: Path):
    text = SMALL.replace("initial:", "criteria: guidance-2019\ninitial:")
    path = written(tmp_path / "by-each" / "v1.yaml", text)
    written(tmp_path / "criteria" / "guidance-2018.yaml", CRITERIA)

    assert faults_of(tmp_path) == [
        f"{path}, line 6: criteria: there is no criteria/guidance-2019.yaml. Did you mean “guidance-2018”?"
    ]


def test_an_edition_is_called_like_its_file(tmp_path: Path):
    path = written(tmp_path / "guidance-2023.yaml", CRITERIA)

    with pytest.raises(DefinitionFaults, match=r"name: the name is guidance-2018, but the file is called"):
        load_criteria(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path):
    with pytest.raises(DefinitionFaults, match=r"This file cannot be read: No such file or directory\."):
        load(tmp_path / "v1.yaml")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path):
    path = written(tmp_path / "v1.yaml", SMALL + "#" * LARGEST_FILE)

    with pytest.raises(DefinitionFaults, match=r"This file is larger than 256 KB\."):
        load(path)


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path):
    path = written(tmp_path / "v1.yaml", SMALL.replace("Agree", "Café").encode("latin-1"))

    with pytest.raises(DefinitionFaults, match=r"line 16: This is not UTF-8 text\."):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path):
    path = written(tmp_path / "v1.yaml", b"\xef\xbb\xbf" + SMALL.encode())

    assert load(path).name == "by-each"


@pytest.mark.parametrize("content", ["", "# nothing but a comment\n", "one word", "key: 'never closed"])
def test_what_is_no_definition_is_refused(tmp_path: Path, content: str):
    with pytest.raises(DefinitionFaults):
        load(written(tmp_path / "v1.yaml", content))
