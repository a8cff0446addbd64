"""`make mutants`: one promise broken at a time, in a copy, and the test that is named for it has to fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Mutant:
    """A promise, the words in a file that keep it, what they become, and the test that then fails."""

    promise: str
    file: str
    words: str
    instead: str
    test: str


MUTANTS = (
    Mutant(
        "Of two who move a case at once, one does.",
        "reviewflow/casefile/record.py",
        "    .with_for_update()\n",
        "",
        "tests/engine/test_at_once.py::test_eight_who_answer_at_once_all_get_in",
    ),
    Mutant(
        "SQLite takes the write lock before anything is read.",
        "reviewflow/db.py",
        '"BEGIN" if reading else "BEGIN IMMEDIATE"',
        '"BEGIN"',
        "tests/migrations/test_database.py::test_read_and_then_written_is_never_lost",
    ),
    Mutant(
        "What was read before the lock is read again behind it.",
        "reviewflow/casefile/record.py",
        ".execution_options(populate_existing=True)",
        ".execution_options(populate_existing=False)",
        "tests/engine/test_at_once.py::test_a_case_read_before_the_lock_is_read_again_behind_it",
    ),
    Mutant(
        "A page out of date moves nothing.",
        "reviewflow/engine.py",
        "if not trigger.same and seen not in (None, case.version):",
        "if False:",
        "tests/engine/test_at_once.py::test_two_moves_that_come_back_are_still_two_moves",
    ),
    Mutant(
        "What is sent twice from one page is done once.",
        "reviewflow/engine.py",
        "if step.command.sent_from and is_done_from(step.session, case, step.command.sent_from):",
        "if False:",
        "tests/engine/test_at_once.py::test_what_is_sent_twice_from_one_page_is_done_once",
    ),
    Mutant(
        "No reference is given twice.",
        "reviewflow/openings.py",
        "select(Area).where(Area.id == area_id).with_for_update()",
        "select(Area).where(Area.id == area_id)",
        "tests/engine/test_at_once.py::test_two_openings_at_once_get_two_references",
    ),
    Mutant(
        "Every event is sealed with the one before.",
        "reviewflow/casefile/record.py",
        "event.previous_hash = case.chain_head",
        'event.previous_hash = ""',
        "tests/engine/test_the_record.py::test_every_event_is_sealed_with_the_one_before",
    ),
    Mutant(
        "The chain says the same in summer time.",
        "reviewflow/casefile/record.py",
        "event.at.astimezone(UTC).isoformat()",
        "event.at.isoformat()",
        "tests/engine/test_the_record.py::test_the_chain_holds_in_summer_as_well",
    ),
    Mutant(
        "The database itself refuses to rewrite the record.",
        "migrations/versions/0001_first_tables.py",
        'NEVER_CHANGED = ("case_event", ',
        "NEVER_CHANGED = (",
        "tests/engine/test_the_record.py::test_the_database_itself_refuses_to_rewrite_the_record",
    ),
    Mutant(
        "A rewritten event is seen.",
        "reviewflow/casefile/audit.py",
        "if event.hash != seal(event, case.public_id):",
        "if False:",
        "tests/engine/test_audit.py::test_what_was_rewritten_is_seen",
    ),
    Mutant(
        "Every reason stands in the way, not only the first.",
        "reviewflow/engine.py",
        "    if reasons:\n        raise Refused(*reasons)\n",
        "    if reasons:\n        raise Refused(reasons[0])\n",
        "tests/engine/test_where_it_goes.py::test_every_reason_is_given_at_once_and_nothing_is_changed",
    ),
    Mutant(
        "A role in another area is none here.",
        "reviewflow/situation.py",
        "if area_id == case.area_id and role not in AGENCY_ROLES}",
        "if role not in AGENCY_ROLES}",
        "tests/engine/test_where_it_goes.py::test_a_role_in_another_area_is_none_here",
    ),
    Mutant(
        "Somebody who has left does nothing any more.",
        "reviewflow/people/__init__.py",
        'Person.id == bindparam("person"), Person.left_at.is_(None)',
        'Person.id == bindparam("person")',
        "tests/engine/test_where_it_goes.py::test_somebody_who_has_left_does_nothing_any_more",
    ),
    Mutant(
        "An agency answers for itself alone.",
        "reviewflow/engine.py",
        "if acting_as in AGENCY_ROLES and asked not in (None, actor and actor.agency_id):",
        "if False:",
        "tests/engine/test_what_follows.py::test_an_agency_is_asked_told_and_answers_for_itself_alone",
    ),
    Mutant(
        "A role is for those the definition names.",
        "reviewflow/engine.py",
        "usable = [role for role in allowed if role in held and role != SERVICE]",
        "usable = [role for role in held if role != SERVICE]",
        "tests/engine/test_who_may_do_what.py::"
        "test_every_trigger_is_for_those_roles_in_those_states_alone[sqlite-deciding]",
    ),
    Mutant(
        "The case moves when the last of several has acted, each time anew.",
        "reviewflow/engine.py",
        "CaseEvent.number > step.case.moved_by_event",
        "CaseEvent.number > 0",
        "tests/engine/test_where_it_goes.py::test_after_coming_back_both_act_again",
    ),
    Mutant(
        "The service waits for the day.",
        "reviewflow/engine.py",
        "        if too_early := not_yet(step.session, step.case, step.definition, step.trigger, step.now):\n"
        "            raise Refused(too_early)\n",
        "",
        "tests/engine/test_what_follows.py::test_what_waits_for_a_day_is_done_on_it",
    ),
    Mutant(
        "Nobody is told by mail what they did themselves.",
        "reviewflow/effects.py",
        "if one.role in effect.target and one.person_id != act.event.actor_id:",
        "if one.role in effect.target:",
        "tests/engine/test_what_follows.py::test_everybody_else_in_a_role_is_told_and_only_when_it_holds",
    ),
    Mutant(
        "A task is owed anew each time it starts.",
        "reviewflow/guards.py",
        "done.times >= start.times",
        "done.times >= 1",
        "tests/engine/test_what_follows.py::test_a_task_that_starts_each_time_is_done_as_often",
    ),
    Mutant(
        "A document of another case is none here.",
        "reviewflow/questions.py",
        "Document.public_id == answer, Document.case_id == act.case.id",
        "Document.public_id == answer",
        "tests/engine/test_what_follows.py::test_a_document_of_another_case_is_none_here",
    ),
    Mutant(
        "A limit that is met stays met.",
        "reviewflow/clocks.py",
        "row.starts_at == start and not row.was_moved for row in rows",
        "row.starts_at == start and row.was_moved for row in rows",
        "tests/engine/test_clocks_of_a_case.py::"
        "test_a_clock_stops_with_its_last_state_and_what_is_met_stays_met",
    ),
    Mutant(
        "A corrected date moves the clock.",
        "reviewflow/clocks.py",
        "running.was_moved = True",
        "running.was_moved = False",
        "tests/engine/test_clocks_of_a_case.py::test_a_corrected_fact_moves_the_clock_and_moves_it_back",
    ),
    Mutant(
        "A proclaimed holiday moves the clocks that counted it.",
        "reviewflow/holidays.py",
        "if not moved:",
        "if moved:",
        "tests/engine/test_a_holiday_proclaimed.py::test_the_clock_that_counted_the_day_is_due_later",
    ),
    Mutant(
        "Whoever took part in the recommendation does not ratify it.",
        "reviewflow/ratification/__init__.py",
        "if part.person_id == person_id and part.capacity not in NO_PART",
        "if False",
        "tests/rules/test_guards.py::test_a_rule_passes_or_says_why_not",
    ),
    Mutant(
        "An agency under scrutiny does not ratify.",
        "reviewflow/guards.py",
        "if seen and situation.actor.agency_id in seen.under_scrutiny:",
        "if False:",
        "tests/rules/test_guards.py::test_a_rule_passes_or_says_why_not",
    ),
    Mutant(
        "The ratifier has read exactly the version they ratify.",
        "reviewflow/guards.py",
        "if situation.recommendation and situation.recommendation.was_read:",
        "if situation.recommendation:",
        "tests/rules/test_guards.py::test_a_rule_passes_or_says_why_not",
    ),
    Mutant(
        "Foreign keys are watched on every connection.",
        "reviewflow/db.py",
        '"foreign_keys=ON"',
        '"foreign_keys=OFF"',
        "tests/migrations/test_database.py::test_a_row_that_refers_to_nothing_is_refused[sqlite]",
    ),
    Mutant(
        "A commit survives a power cut.",
        "reviewflow/db.py",
        '"synchronous=FULL"',
        '"synchronous=NORMAL"',
        "tests/migrations/test_database.py::test_the_settings_are_safe_or_said_not_to_be[sqlite]",
    ),
    Mutant(
        "An error does not repeat a child's name.",
        "reviewflow/db.py",
        "hide_parameters=True",
        "hide_parameters=False",
        "tests/migrations/test_database.py::test_an_error_does_not_repeat_what_was_to_be_stored",
    ),
)


def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether the named test passes although the promise is broken."""
    path = copy / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(mutant.words, mutant.instead), encoding="utf-8")
    words = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.test]
    told = subprocess.run([sys.executable, *words], cwd=copy, capture_output=True, text=True)
    path.write_text(whole, encoding="utf-8")
    if told.returncode not in (0, 1):
        raise SystemExit(f"{mutant.test} could not be run:\n{told.stdout[-2000:]}{told.stderr[-2000:]}")
    return told.returncode == 0


def copied(folder: Path) -> Path:
    """The files of this checkout, without what git leaves out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def main() -> int:
    """Prints each promise with its fate; 1 when a broken one was not noticed."""
    left = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for mutant in MUTANTS:
            lives = survives(mutant, copy)
            sys.stdout.write(f"{'NOT NOTICED' if lives else 'noticed':12} {mutant.promise}\n")
            sys.stdout.flush()
            left += [mutant] if lives else []
    sys.stdout.write(f"{len(MUTANTS) - len(left)} of {len(MUTANTS)} broken promises were noticed.\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
