"""Documents of a case: their bytes and hashes, uploads, what is still to be made, and drafts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from reviewflow.db import Base, one_of, public_id


class Making(StrEnum):
    """How far a document is that the service makes."""

    ASKED_FOR = "asked for"
    MADE = "made"
    FAILED = "failed"
    DROPPED = "dropped"


class Document(Base):
    """A document as rows and bytes: one thing to back up, and never changed once its bytes are there.

    What the service makes starts as `source`, the fixed text, and gets its bytes once.
    """

    __tablename__ = "document"
    __table_args__ = (
        one_of("making", Making),
        CheckConstraint("(making = 'made') = (sha256 IS NOT NULL)", name="made_has_bytes"),
        Index("ix_document_case_id_kind", "case_id", "kind"),
        Index("ix_document_to_make", "making", "try_again_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("case_event.id"))
    kind: Mapped[str]
    title: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    source: Mapped[dict[str, Any] | None]
    making: Mapped[str] = mapped_column(default=Making.MADE)
    attempts: Mapped[int] = mapped_column(default=0)
    try_again_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))


class Draft(Base):
    """What somebody has typed and not yet sent: kept through sign-out, no part of the record.

    A draft about a request belongs to the agency that was asked; any other, to its author.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("place", "owner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str]
    owner: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any]]
