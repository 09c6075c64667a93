"""People, their accounts and sign-ins, and what each may do where."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class Role(StrEnum):
    """What a person may do beyond being a member, always within a unit and what is below it."""

    TECHNICIAN = "technician"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"
    #: Reads what the gate turned away, and nothing else.
    SECURITY = "security"


class Person(Key, Base):
    __tablename__ = "people"

    #: The number on the member's card; what an import recognises a person by.
    member_number: Mapped[str | None] = mapped_column(unique=True)
    full_name: Mapped[str]
    #: The unit the person belongs to today; what counted on an earlier day is in the summons.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    #: "Bí thư chi bộ", as the roster says it.
    position: Mapped[str | None]
    #: Tells namesakes of one unit apart.
    birth_date: Mapped[date | None]
    #: The groups that a summons may name, in the roster's own words: "Công chức", "Cán bộ chủ chốt".
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    #: Given name first, as Vietnamese lists are ordered.
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))
    search_key: Mapped[str]
    created_at: Mapped[datetime]
    #: Set when the person left; nothing about them is deleted.
    left_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_people_unit_order", "unit_id", "sort_key"),
        # A page of a whole country's people is read in their order, or by the words of their names.
        Index("ix_people_order", "sort_key", "id"),
        Index("ix_people_words", text("to_tsvector('simple'::regconfig, search_key)"), postgresql_using="gin"),
    )


class Account(Base):
    """How a person proves who they are here."""

    __tablename__ = "accounts"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    #: Argon2id, parameters included.
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Login(Key, Base):
    """One sign-in on one device. The cookie holds a random token; only its hash is kept."""

    __tablename__ = "logins"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str]


class LoginAttempt(Key, Base):
    """A failed sign-in, kept for as long as the rate limit looks back."""

    __tablename__ = "login_attempts"

    username: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_login_attempts_username_at", "username", "at"),
        Index("ix_login_attempts_address_at", "address", "at"),
    )


class RoleGrant(Key, Base):
    __tablename__ = "role_grants"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role]
    #: The role holds in this unit and everything below it.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_role_grants_open",
            "person_id",
            "role",
            "unit_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
