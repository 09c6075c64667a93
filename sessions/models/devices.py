"""Devices that are known by a key of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class DeviceKey(Key, Base):
    """The public half of a key that never leaves one person's browser on one device."""

    __tablename__ = "device_keys"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    #: SubjectPublicKeyInfo in base64url: ECDSA on P-256.
    public_key: Mapped[str]
    #: SHA-256 of the key's bytes. Unique, so that two accounts can never sign with one key.
    thumbprint: Mapped[str] = mapped_column(unique=True)
    #: What the browser called itself.
    device: Mapped[str]
    registered_at: Mapped[datetime]
