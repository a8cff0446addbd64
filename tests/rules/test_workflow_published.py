"""A published file never changes, and what differs between two definitions is said in plain words."""

import hashlib
from pathlib import Path

import pytest

from reviewflow.workflow.diff import diff
from reviewflow.workflow.load import load, load_all
from reviewflow.workflow.publish import changed_published, publish
from tests.workflows.known import DEFINITIONS, WORKFLOWS

SMALL = (DEFINITIONS / "by_each.yaml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "by-each").mkdir()
    (tmp_path / "by-each" / "v1.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "criteria").mkdir()
    (tmp_path / "criteria" / "guidance.yaml").write_text("name: guidance\n", "utf-8")
    return tmp_path


def test_what_is_published_is_listed_with_its_fingerprint(folder: Path):
    added = publish(folder)

    assert added == ["by-each/v1.yaml", "criteria/guidance.yaml"]
    listed = (folder / "published.txt").read_text("utf-8").splitlines()
    assert listed[0] == f"{hashlib.sha256(SMALL.encode()).hexdigest()}  by-each/v1.yaml"
    assert changed_published(folder) == []


def test_a_new_version_is_added_to_what_is_published(folder: Path):
    publish(folder)
    (folder / "by-each" / "v2.yaml").write_text(SMALL.replace("version: 1", "version: 2"), "utf-8")

    added = publish(folder)

    assert added == ["by-each/v2.yaml"]
    assert len((folder / "published.txt").read_text("utf-8").splitlines()) == 3


def test_nothing_is_published_yet(folder: Path):
    assert changed_published(folder) == []


def test_a_published_file_that_changed_is_told_and_nothing_is_published(folder: Path):
    publish(folder)
    (folder / "by-each" / "v1.yaml").write_text(SMALL.replace("Agree", "Approve"), "utf-8")
    (folder / "by-each" / "v2.yaml").write_text(SMALL, "utf-8")
    listed = (folder / "published.txt").read_text("utf-8")

    with pytest.raises(ValueError, match=r"by-each/v1\.yaml is published and has changed\."):
        publish(folder)

    assert (folder / "published.txt").read_text("utf-8") == listed
    assert changed_published(folder) == [
        "by-each/v1.yaml is published and has changed. Put it back, and write the change as a new version."
    ]


def test_a_published_file_that_has_gone_is_told(folder: Path):
    publish(folder)
    (folder / "by-each" / "v1.yaml").unlink()

    assert changed_published(folder) == [
        "by-each/v1.yaml is published and has gone. Cases may have been opened under it: put it back."
    ]


def test_two_definitions_that_say_the_same_do_not_differ():
    definition = load(DEFINITIONS / "effects.yaml")

    assert diff(definition, definition) == []


def test_shipped_definitions_can_be_compared():
    definitions = load_all([WORKFLOWS])

    said = diff(definitions.latest("rapid-review"), definitions.latest("practice-review"))

    assert "This review: criteria was “working-together-2023” and is now not said." in said
    assert not [sentence for sentence in said if "edition" in sentence]


def test_what_differs_is_said_in_plain_words(tmp_path: Path):
    before = load(DEFINITIONS / "effects.yaml")
    text = (DEFINITIONS / "effects.yaml").read_text("utf-8")
    for old, new in (
        ("version: 1", "version: 2"),
        ("  contact: Contact in an agency", "  contact: {title: Contact, held: for this case}"),
        ("  closed: {title: Closed, final: yes}", "  ended: {title: Ended, final: yes}"),
        ("    to: closed", "    to: ended"),
        ("kind: document}", "kind: document, required: yes}"),
        ("{make: report, when: everyone_was_asked}", "{make: report}"),
        ("message: decision_needed", 'message: "A decision is needed by {due}"'),
        ("15 working days", "20 working days"),
        ("remind: [2, 1], ", ""),
        ("    to: decided", "    to: [{state: ended, when: {decide.outcome: stop}}, decided]"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "v2.yaml"
    path.write_text(text, "utf-8")

    said = diff(before, load(path))

    conditions = "open follow-up when decide.outcome is go_on"
    assert said == [
        "This review: version was 1 and is now 2.",
        "Role contact: title was “Contact in an agency” and is now “Contact”.",
        "Role contact: held for this case was no and is now yes.",
        "State closed (“Closed”) is no longer there.",
        "State ended (“Ended”) is new.",
        "Trigger answer: asks was papers (label “Papers”; kind document), known_to (label “Known to”; kind"
        " agency), seen (label “Seen”; kind choices; options child “The child”, parents “The parents”) and is"
        " now papers (label “Papers”; kind document; required yes), known_to (label “Known to”; kind agency),"
        " seen (label “Seen”; kind choices; options child “The child”, parents “The parents”).",
        "Trigger decide: to was decided and is now ended when decide.outcome is stop, decided.",
        f"Trigger decide: effects was request summary, make report when everyone_was_asked, {conditions},"
        " tell contact decision_needed when open.kind is incident and is now request summary, make report,"
        f" {conditions}, tell contact “A decision is needed by {{due}}” when open.kind is incident.",
        "Trigger close: to was closed and is now ended.",
        "Request summary: remind was 2, 1 and is now not said.",
        "Clock limit: length was “15 working days” and is now “20 working days”.",
    ]


def test_another_order_is_said(tmp_path: Path):
    text = (DEFINITIONS / "effects.yaml").read_text("utf-8")
    asked = "  asked: {title: Asked, waiting_on: [coordinator, contact]}\n"
    path = tmp_path / "v1.yaml"
    path.write_text(text.replace(asked, "").replace("  closed: {", f"{asked}  closed: {{"), "utf-8")

    assert diff(load(DEFINITIONS / "effects.yaml"), load(path)) == ["The states stand in another order."]


def test_milestones_and_tasks_are_said(tmp_path: Path):
    before = load(DEFINITIONS / "before.yaml")
    text = (DEFINITIONS / "before.yaml").read_text("utf-8")
    path = tmp_path / "v1.yaml"
    edited = text.replace(", milestones: {draft: 3, agreed: 5}", "").replace("48 hours", "49 hours")
    path.write_text(edited.replace("title: Papers out, ", ""), "utf-8")

    assert diff(before, load(path)) == [
        "Clock papers: title was “Papers out” and is now “Papers”.",
        "Clock answer: length was “48 hours” and is now “49 hours”.",
        "Clock whole: milestones was draft 3, agreed 5 and is now not said.",
    ]
