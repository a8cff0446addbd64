"""The forms of the meeting, the analysis, and the comments on its draft."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy.orm import Session

from reviewflow import meetings
from reviewflow.casefile.tables import Case
from reviewflow.meetings import PROMPTS, Prompt
from reviewflow.ratification import PARTS, latest_analysis
from reviewflow.ratification.drafting import CommentMade, comments_on
from reviewflow.reports.drafts import HOW, PARTNERS, gaps_of
from reviewflow.situation import facts_of
from reviewflow.web.fields import (
    DateField,
    DateTimeField,
    ParagraphField,
    RowForm,
    RowsField,
    SelectField,
    TextField,
)
from reviewflow.web.forms.case_form import CaseForm, FormContext


class MeetingPlanForm(CaseForm):
    """When and where the meeting is."""

    starts_at = DateTimeField("When does the meeting start?", past=False, called="The start of the meeting")
    place = TextField("Place", hint="An address, a room, or the link to a call")
    note = ParagraphField("Note for those who are invited", required=False, rows=3, limit=2_000)

    def prepare(self, context: FormContext) -> None:
        """Show the meeting as it is planned now, so that moving it means changing what has changed."""
        meeting = meetings.latest(context.session, _case(context).id)
        if self.is_untouched and meeting is not None and meeting.held_at is None:
            self.starts_at.take(meeting.starts_at)
            self.place.take(meeting.place)
            self.note.take(meeting.note)


FOR_WHOM = {
    f"{partner.value}{deputy}": f"{words}, as deputy" if deputy else words
    for partner, words in PARTNERS.items()
    for deputy in ("", " deputy")
}
"""Each statutory partner, and each partner's deputy."""


class AttendanceRow(RowForm):
    """Somebody who took part, or was asked to and was absent."""

    person = SelectField("Who", prompt="Choose a person")
    how = SelectField("How did they take part?", {how.value: words for how, words in HOW.items()})
    standing_for = SelectField(
        "For which statutory partner?", FOR_WHOM, required=False, prompt="None of the three"
    )

    def answers(self) -> dict[str, Any]:
        """The partner, and whether as a deputy."""
        given = super().answers()
        partner, _, deputy = (given.pop("standing_for") or "").partition(" ")
        return given | {"partner": partner or None, "is_deputy": "yes" if deputy else "no"}


class PointRow(RowForm):
    """One point of the case discussion."""

    text = ParagraphField("Point", rows=3, limit=4_000)


def _points(prompt: Prompt, hint: str = "") -> RowsField:
    return RowsField(PointRow, PROMPTS[prompt], one="point", most=40, hint=hint)


class MeetingRecordForm(CaseForm):
    """Who took part and how, and the case discussion tool: the same questions every time."""

    template: ClassVar[str] = "cases/forms/meeting_record.html"

    held_at = DateTimeField("When was the meeting held?", future=False, called="The time of the meeting")
    attendance = RowsField(AttendanceRow, "Who took part", one="person", least=1, most=60)
    working_well = _points(Prompt.WORKING_WELL)
    worried_about = _points(Prompt.WORRIED_ABOUT)
    why = _points(Prompt.WHY)
    who_did_what = _points(Prompt.WHO_DID_WHAT)
    needs_to_happen = _points(Prompt.NEEDS_TO_HAPPEN)

    def prepare(self, context: FormContext) -> None:
        """Offer the people of the area, and show what was recorded before."""
        session, case = context.session, _case(context)
        meeting = meetings.latest(session, case.id)
        if self.is_untouched and meeting is not None:
            self.held_at.take(meeting.held_at or meeting.starts_at)
            self.attendance.process(None, _recorded(session, meeting.id) or _expected(context))
            for prompt, points in meetings.points_of(session, case.id).items():
                self._fields[prompt].process(None, [{"text": text} for text in points])
        people = context.people()
        for row in self.attendance.rows:
            row.person.choices = people

    def check(self) -> None:
        """Nobody twice; and something was said."""
        named = [row.person.data for row in self.attendance.filled]
        if len(set(named)) < len(named):
            self.refuse("attendance", "Somebody is named twice. Name each person once")
        if not any(self._fields[prompt].filled for prompt in Prompt):
            self.refuse("working_well", "Record at least one point of what was said")

    def answers(self) -> dict[str, Any]:
        """The points as plain texts."""
        given = super().answers()
        return given | {prompt.value: [row["text"] for row in given[prompt]] for prompt in Prompt}


def _recorded(session: Session, meeting_id: int) -> list[dict[str, Any]]:
    return [
        {
            "person": person.public_id,
            "how": attendance.how,
            "standing_for": f"{attendance.partner or ''}{' deputy' if attendance.is_deputy else ''}",
        }
        for attendance, person in meetings.attendance_of(session, meeting_id)
    ]


def _expected(context: FormContext) -> list[dict[str, Any]]:
    """Those who were invited: the three partners and the members, how they took part left open."""
    partners = {"council": "la_partner", "health": "health_partner", "police": "police_partner"}
    rows = [
        {"person": choice.value, "standing_for": partner}
        for partner, role in partners.items()
        for choice in context.people(role)
    ]
    named = {row["person"] for row in rows}
    rows += [{"person": one.value} for one in context.people("member") if one.value not in named]
    return rows


class AnalysisForm(CaseForm):
    """The part of the report that has to be written; the meeting's answers stand before it, untouched."""

    template: ClassVar[str] = "cases/forms/analysis.html"

    facts = ParagraphField(
        PARTS["facts"], hint="What is known to have happened, in short. Children as “Child 1”"
    )
    key_episodes = ParagraphField(
        PARTS["key_episodes"],
        hint="The moments that mattered: what was done, and what it meant for the child",
    )
    analysis = ParagraphField(
        PARTS["analysis"], hint="Why it made sense at the time; what it tells about the system"
    )
    identity_and_culture = ParagraphField(
        PARTS["identity_and_culture"],
        hint="How these, and inequality, shaped what the family met with; also where nobody had recorded it",
    )
    voice_of_the_child = ParagraphField(
        PARTS["voice_of_the_child"],
        hint="What a day was like for the child; what the child said, and to whom",
    )
    good_practice = ParagraphField(PARTS["good_practice"])
    learning = ParagraphField(
        PARTS["learning"], hint="What can be changed now, before any report is finished"
    )
    panel_challenge = ParagraphField(PARTS["panel_challenge"])

    def prepare(self, context: FormContext) -> None:
        """Show the draft as it stands, the points of the meeting, the gaps and the comments."""
        session, case = context.session, _case(context)
        if not _panel_has_replied(context):
            del self.panel_challenge
        draft = latest_analysis(session, case.id)
        if self.is_untouched and draft is not None:
            for name in PARTS:
                if name in self._fields:
                    self._fields[name].take(draft.content.get(name))
        self.points = [(PROMPTS[one], said) for one, said in meetings.points_of(session, case.id).items()]
        self.gaps = gaps_of(session, case.id)
        self.comments: dict[str, list[CommentMade]] = comments_on(session, case.id)


def _panel_has_replied(context: FormContext) -> bool:
    return "panel_replied_on" in facts_of(context.session, _case(context).id)


class CommentsAskedForm(CaseForm):
    """By when comments on the draft are wanted."""

    by_on = DateField("By which day should they comment?", past=False, called="The day")


class CommentRow(RowForm):
    """A comment on one part."""

    part = SelectField("Part of the draft", PARTS, prompt="Choose a part")
    text = ParagraphField("Comment", rows=4, limit=4_000)


class CommentForm(CaseForm):
    """Comments on the draft, each on one part of it."""

    template: ClassVar[str] = "cases/forms/comment.html"

    comments = RowsField(CommentRow, "Your comments", one="comment", least=1, most=40)


def _case(context: FormContext) -> Case:
    """The case; these forms open none."""
    assert context.case is not None
    return context.case
