"""The tables of requests: who is asked, what came back, each line of a chronology, each chase."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Agency


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


class ChildSeen(StrEnum):
    """Whether the child was seen or heard when something happened."""

    SEEN_AND_HEARD = "seen_and_heard"
    SEEN = "seen"
    NOT_SEEN = "not_seen"
    NOT_RECORDED = "not_recorded"
    DOES_NOT_APPLY = "does_not_apply"


CHILD_SEEN: Mapping[str, str] = {
    ChildSeen.SEEN_AND_HEARD: "Seen and heard",
    ChildSeen.SEEN: "Seen, not heard",
    ChildSeen.NOT_SEEN: "Not seen",
    ChildSeen.NOT_RECORDED: "Not recorded",
    ChildSeen.DOES_NOT_APPLY: "Does not apply",
}


class ChaseBy(StrEnum):
    """How an agency was chased."""

    PHONE = "phone"
    MAIL = "mail"
    IN_PERSON = "in_person"


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
    rest_expected_on: Mapped[date | None]
    secured_on: Mapped[date | None]
    secured_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    gap: Mapped[str | None]
    agency: Mapped[Agency] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012

    @property
    def is_settled(self) -> bool:
        """Whether the review need not wait for it; an agency gone on without may still answer, late."""
        return self.standing in SETTLED or self.gap is not None


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
