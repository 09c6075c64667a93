"""How tens of thousands of people get in: slips of paper, what they are told of it, and the devices they share."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class ActivationSlip(Key, Base):
    """A printed code with which one person chooses a PIN or password, once. Only its hash is kept."""

    __tablename__ = "activation_slips"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    code_sha256: Mapped[bytes] = mapped_column(unique=True)
    #: The name that the account will have, as printed.
    username: Mapped[str]
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    #: Set when another slip took its place.
    voided_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_activation_slips_open",
            "person_id",
            unique=True,
            postgresql_where=text("used_at IS NULL AND voided_at IS NULL"),
        ),
    )


class NoticeKind(StrEnum):
    SLIP_ISSUED = "slip-issued"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - A kind of notice, not a password.


class AccountNotice(Key, Base):
    """What a member is told about their own account, on its page."""

    __tablename__ = "account_notices"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[NoticeKind]
    at: Mapped[datetime]
    #: Who did it.
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))


class DeviceUse(Base):
    """A person signed in on a device. The device is known by a cookie of its own, of which only the hash is kept."""

    __tablename__ = "device_uses"

    device_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
