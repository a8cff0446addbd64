"""The questions a definition asks in its own words: what may be answered, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update

from reviewflow.casefile.record import Act, Refused, set_fact
from reviewflow.casefile.tables import CaseMember
from reviewflow.documents import Document
from reviewflow.people import Agency, Person
from reviewflow.workflow.definition import Question, QuestionKind


def faults(
    asked: Sequence[Question], choices: Mapping[str, tuple[str, ...]], answers: Mapping[str, Any]
) -> list[str]:
    """What is wrong with these answers: one missing, one that is no option, a date that is none.

    `choices` are the questions of the trigger's form that a definition may go by, with their values.
    """
    found = [sentence for one in asked for sentence in _of_question(one, answers.get(one.name))]
    for name, values in choices.items():
        if answers.get(name) not in (None, "", *values):
            found.append(f"“{answers[name]}” is not an answer to “{name.replace('_', ' ')}”.")
    return found


def _of_question(question: Question, answer: Any) -> Iterator[str]:
    if answer in (None, "", []):
        if question.required:
            yield f"“{question.label}” has to be answered."
        return
    offered = question.values() or tuple(question.options)
    chosen = answer if question.kind is QuestionKind.CHOICES and isinstance(answer, list) else [answer]
    if offered and not set(map(str, chosen)) <= set(offered):
        yield f"“{question.label}” has no such answer to choose from."
    if question.kind is QuestionKind.DATE and not _is_date(answer):
        yield f"“{question.label}” has to be a date, such as 2026-12-10."


def _is_date(answer: Any) -> bool:
    try:
        date.fromisoformat(str(answer))
    except ValueError:
        return False
    return True


def record(act: Act, asked: Sequence[Question]) -> None:
    """Afterwards each date answered is a fact, and each person named holds the role the question fills.

    Raises Refused when a person, an agency or a document that was named is not there.
    """
    for question in asked:
        answer = act.answers.get(question.name)
        if not answer:
            continue
        if question.kind is QuestionKind.DATE:
            set_fact(act, question.name, str(answer))
        elif question.kind is QuestionKind.PERSON:
            _take_person(act, question, str(answer))
        elif question.kind is QuestionKind.AGENCY:
            _require(act.session.scalar(select(Agency.id).where(Agency.public_id == answer)), question)
        elif question.kind is QuestionKind.DOCUMENT:
            kept = select(Document.id).where(Document.public_id == answer, Document.case_id == act.case.id)
            _require(act.session.scalar(kept), question)


def _take_person(act: Act, question: Question, public_id: str) -> None:
    here = select(Person.id).where(Person.public_id == public_id, Person.left_at.is_(None))
    person_id = _require(act.session.scalar(here), question)
    if question.fills is None:
        return
    act.session.execute(
        update(CaseMember)
        .where(
            CaseMember.case_id == act.case.id,
            CaseMember.role == question.fills,
            CaseMember.until_at.is_(None),
        )
        .values(until_at=act.now)
    )
    act.session.add(
        CaseMember(case_id=act.case.id, person_id=person_id, role=question.fills, from_at=act.now)
    )


def _require(found: int | None, question: Question) -> int:
    if found is None:
        raise Refused(f"What “{question.label}” names is not there any more. Choose again.")
    return found
