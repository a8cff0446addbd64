"""Documents of a case: their bytes and hashes, uploads, what is still to be made, and drafts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from reviewflow.casefile.record import Act, MovedOn
from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Person
from reviewflow.uploads import accept


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


def draft_of(session: Session, place: str, owner: str) -> Draft | None:
    """What `owner` has typed at `place` and not sent yet."""
    return session.scalar(select(Draft).where(Draft.place == place, Draft.owner == owner))


def drafts_at(session: Session, places: Collection[str], owner: str) -> dict[str, datetime]:
    """When `owner` last saved a draft at each of these places where there is one."""
    rows = session.execute(
        select(Draft.place, Draft.saved_at).where(Draft.place.in_(list(places)), Draft.owner == owner)
    )
    return dict(rows.all())


def keep_draft(
    session: Session,
    place: str,
    owner: str,
    content: Mapping[str, Any],
    person_id: int,
    now: datetime,
    case_id: int | None = None,
    seen: int | None = None,
) -> Draft:
    """Afterwards this is what `owner` has typed at `place`; what stood there before is gone.

    `seen` is the version the page began with. Raises MovedOn when a colleague has saved since.
    """
    draft = draft_of(session, place, owner)
    refuse_unseen(session, draft, person_id, seen)
    if draft is None:
        draft = Draft(place=place, owner=owner, case_id=case_id, version=0)
        session.add(draft)
    draft.content = dict(content)
    draft.saved_by_id, draft.saved_at = person_id, now
    draft.version += 1
    session.flush()
    return draft


def refuse_unseen(session: Session, draft: Draft | None, person_id: int, seen: int | None) -> None:
    """Raises MovedOn when a colleague has saved this draft since the page was opened."""
    if draft is None or seen in (None, draft.version) or draft.saved_by_id == person_id:
        return
    name = session.get_one(Person, draft.saved_by_id).name
    raise MovedOn(
        f"{name} has saved a draft of this since you opened the page. Yours is still on this page and is "
        "not saved yet. Look at the other one in a new tab first: if you go on here, yours takes its place."
    )


def drop_draft(session: Session, place: str, owner: str) -> None:
    """Afterwards nothing is kept for `owner` at `place`: it was sent."""
    session.execute(delete(Draft).where(Draft.place == place, Draft.owner == owner))


def keep_upload(
    session: Session, case_id: int, content: bytes, name: str, person: Person, now: datetime
) -> Document:
    """Afterwards the cleaned file is a document of the case. Raises UploadRefused with a sentence."""
    upload = accept(content, name)
    document = Document(
        case_id=case_id,
        kind="upload",
        title=upload.name,
        file_name=upload.name,
        media_type=upload.media_type,
        agency_id=person.agency_id,
        added_by_id=person.id,
        added_at=now,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
    )
    session.add(document)
    session.flush()
    return document


def ask_for(act: Act, kind: str, title: str, source: Mapping[str, Any]) -> Document:
    """Afterwards the service has a document to make, its text fixed here and now."""
    document = Document(
        case_id=act.case.id,
        event_id=act.event.id,
        kind=kind,
        title=title,
        file_name=f"{act.case.reference}-{kind}-{act.event.number}.pdf",
        media_type="application/pdf",
        source=dict(source),
        making=Making.ASKED_FOR,
        try_again_at=act.now,
        added_at=act.now,
    )
    act.session.add(document)
    act.session.flush()
    return document


def made(session: Session, document_id: int, content: bytes) -> None:
    """Afterwards the document has these bytes and their hash, for good."""
    document = session.get_one(Document, document_id)
    document.making = Making.MADE
    document.size = len(content)
    document.sha256 = hashlib.sha256(content).hexdigest()
    document.content = content
    document.failure = None
