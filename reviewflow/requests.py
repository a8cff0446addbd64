"""Requests to agencies for what they know, what came back, and the merged chronology."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewflow.casefile.record import Act, Refused
from reviewflow.clocks import running, when
from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Agency
from reviewflow.workflow.definition import Request as RequestRule
from reviewflow.working_days import add_working_days, day_of, london_date, next_working_day


class Standing(StrEnum):
    """How a request stands."""

    ASKED = "asked"
    PART_RETURNED = "part returned"
    AWAITING_SIGN_OFF = "awaiting sign-off"
    RETURNED = "returned"
    NOT_INVOLVED = "not involved"
    GONE_WITHOUT = "gone without"


OPEN = (Standing.ASKED, Standing.PART_RETURNED, Standing.GONE_WITHOUT)
"""An answer is still taken: also from an agency that was gone on without, as a late return."""
SETTLED = (Standing.RETURNED, Standing.NOT_INVOLVED, Standing.GONE_WITHOUT)
"""The meeting need not wait for it."""


class InformationRequest(Base):
    """One agency is asked what it knows, for a period, by a day."""

    __tablename__ = "information_request"
    __table_args__ = (
        UniqueConstraint("case_id", "agency_id", "name"),
        one_of("standing", Standing),
        Index("ix_information_request_agency_id_standing", "agency_id", "standing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str]
    standing: Mapped[str] = mapped_column(default=Standing.ASKED)
    version: Mapped[int] = mapped_column(default=1)
    asked_at: Mapped[datetime]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    due_on: Mapped[date]
    period_from: Mapped[date | None]
    period_until: Mapped[date | None]
    questions: Mapped[str] = mapped_column(default="")
    passed_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    archive_asked_on: Mapped[date | None]
    archive_expected_on: Mapped[date | None]
    secured_on: Mapped[date | None]
    secured_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    gap: Mapped[str | None]
    agency: Mapped[Agency] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class Return(Base):
    """What an agency sent back: in part or in full, by itself or entered on its behalf."""

    __tablename__ = "return"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("information_request.id"))
    number: Mapped[int]
    is_partial: Mapped[bool]
    content: Mapped[dict[str, Any]]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]
    on_behalf: Mapped[bool] = mapped_column(default=False)
    original_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    signed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    signed_off_name: Mapped[str | None]
    signed_off_at: Mapped[datetime | None]
    sent_back_reason: Mapped[str | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    after_decision: Mapped[bool] = mapped_column(default=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))


class ChronologyRow(Base):
    """One line of a chronology: what happened when, by which agency's record."""

    __tablename__ = "chronology_row"
    __table_args__ = (Index("ix_chronology_row_case_id_on", "case_id", "on", "at_time", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    return_id: Mapped[int] = mapped_column(ForeignKey("return.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    on: Mapped[date]
    at_time: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    event: Mapped[str]
    response: Mapped[str] = mapped_column(default="")
    child_seen: Mapped[str] = mapped_column(default="")
    is_key_episode: Mapped[bool] = mapped_column(default=False)


class Chase(Base):
    """Somebody chased an agency: how, and what was promised."""

    __tablename__ = "chase"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("information_request.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    how: Mapped[str]
    note: Mapped[str]
    promised_on: Mapped[date | None]


def ask(act: Act, rule: RequestRule) -> None:
    """Afterwards each agency named in the answers has one request, with its own due day.

    The due day is the last day of the request's window on the clock it belongs to; for an agency asked
    later, the next working day at the earliest. Raises Refused for an agency that was already asked.
    """
    chosen = act.session.scalars(select(Agency).where(Agency.public_id.in_(act.answers["agencies"]))).all()
    asked = set(
        act.session.scalars(
            select(InformationRequest.agency_id).where(
                InformationRequest.case_id == act.case.id, InformationRequest.name == rule.name
            )
        )
    )
    if again := [one.name for one in chosen if one.id in asked]:
        raise Refused(f"{', '.join(again)} was already asked. Leave it out here.")
    for agency in chosen:
        act.session.add(
            InformationRequest(
                case_id=act.case.id,
                agency_id=agency.id,
                name=rule.name,
                asked_at=act.now,
                event_id=act.event.id,
                due_on=_due_on(act, rule),
                period_from=_day(act.answers.get("period_from")),
                period_until=_day(act.answers.get("period_until")),
                questions=act.answers.get("questions") or "",
            )
        )
    act.session.flush()


def _due_on(act: Act, rule: RequestRule) -> date:
    today = london_date(act.now)
    of = next((one for one in running(act.session, [act.case.id]) if one.name == rule.of), None)
    start = day_of(when(of.starts_at)) if of else today
    last = add_working_days(start, rule.window[1], act.calendar)
    return max(last, next_working_day(today, act.calendar))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
