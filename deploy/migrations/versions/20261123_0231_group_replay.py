"""group replay

Revision ID: ba3fa152ba46
Revises: 7c3f3770690d
Written: 2026-11-23 02:31:02.031916+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "ba3fa152ba46"
down_revision = "7c3f3770690d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "personal_codes",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_personal_codes_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["conference_sessions.id"], name=op.f("fk_personal_codes_session_id")),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_personal_codes")),
        sa.UniqueConstraint("session_id", "code", name=op.f("uq_personal_codes_session_id_code")),
    )
    op.create_table(
        "showings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("connection_point_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("proctor_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by IS NULL)", name=op.f("ck_showings_signed_by_somebody")),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_showings_has_seats")),
        sa.CheckConstraint("signed_at IS NULL OR ended_at IS NOT NULL", name=op.f("ck_showings_ended_before_signed")),
        sa.ForeignKeyConstraint(
            ["connection_point_id"], ["connection_points.id"], name=op.f("fk_showings_connection_point_id")
        ),
        sa.ForeignKeyConstraint(["proctor_id"], ["people.id"], name=op.f("fk_showings_proctor_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_showings_recording_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["people.id"], name=op.f("fk_showings_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showings")),
    )
    op.create_index(op.f("ix_showings_recording_id"), "showings", ["recording_id"], unique=False)
    op.create_index(
        "uq_showings_open_point",
        "showings",
        ["connection_point_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_showings_open_proctor",
        "showings",
        ["proctor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "showing_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            sa.Enum("phone", "card", "roster", name="arrivalmethod", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("same_network", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_showing_arrivals_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_showing_arrivals_recorded_by")),
        sa.ForeignKeyConstraint(["showing_id"], ["showings.id"], name=op.f("fk_showing_arrivals_showing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showing_arrivals")),
        sa.UniqueConstraint(
            "showing_id",
            "person_id",
            "round",
            "method",
            name=op.f("uq_showing_arrivals_showing_id_person_id_round_method"),
        ),
    )
    op.create_index("ix_showing_arrivals_person_at", "showing_arrivals", ["person_id", "at"], unique=False)
    op.create_table(
        "showing_beats",
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("span_start", sa.Double(), nullable=False),
        sa.Column("span_end", sa.Double(), nullable=False),
        sa.Column("played", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hidden_seconds", sa.Double(), nullable=False),
        sa.Column("muted_seconds", sa.Double(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_showing_beats_seq_from_zero")),
        sa.CheckConstraint("span_start >= 0 AND span_end >= span_start", name=op.f("ck_showing_beats_span_in_order")),
        sa.ForeignKeyConstraint(["showing_id"], ["showings.id"], name=op.f("fk_showing_beats_showing_id")),
        sa.PrimaryKeyConstraint("showing_id", "seq", name=op.f("pk_showing_beats")),
    )
    op.create_table(
        "showing_moments",
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("start", "random", "end", name="momentkind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["showing_id"], ["showings.id"], name=op.f("fk_showing_moments_showing_id")),
        sa.PrimaryKeyConstraint("showing_id", "number", name=op.f("pk_showing_moments")),
    )
    op.create_table(
        "showing_shares",
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("covered", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("firm", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("times", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("elsewhere", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("doubts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_showing_shares_person_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_showing_shares_recording_id")),
        sa.ForeignKeyConstraint(["showing_id"], ["showings.id"], name=op.f("fk_showing_shares_showing_id")),
        sa.PrimaryKeyConstraint("showing_id", "person_id", name=op.f("pk_showing_shares")),
    )
    op.create_index("ix_showing_shares_person_recording", "showing_shares", ["person_id", "recording_id"], unique=False)
    op.create_table(
        "showing_wrong_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_showing_wrong_codes_person_id")),
        sa.ForeignKeyConstraint(["showing_id"], ["showings.id"], name=op.f("fk_showing_wrong_codes_showing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showing_wrong_codes")),
    )
    op.create_index("ix_showing_wrong_codes_person_at", "showing_wrong_codes", ["person_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_showing_wrong_codes_person_at", table_name="showing_wrong_codes")
    op.drop_table("showing_wrong_codes")
    op.drop_index("ix_showing_shares_person_recording", table_name="showing_shares")
    op.drop_table("showing_shares")
    op.drop_table("showing_moments")
    op.drop_table("showing_beats")
    op.drop_index("ix_showing_arrivals_person_at", table_name="showing_arrivals")
    op.drop_table("showing_arrivals")
    op.drop_index("uq_showings_open_proctor", table_name="showings", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("uq_showings_open_point", table_name="showings", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_showings_recording_id"), table_name="showings")
    op.drop_table("showings")
    op.drop_table("personal_codes")
