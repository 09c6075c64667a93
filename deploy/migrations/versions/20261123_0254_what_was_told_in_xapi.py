"""What was told of replays in xAPI, and how far each store has it.

Revision ID: dfcff9a800e0
Revises: 5b1d7c0ae4f2
Written: 2026-11-23 02:54:00.903465+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "dfcff9a800e0"
down_revision = "5b1d7c0ae4f2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "xapi_stores",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("try_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("endpoint", name=op.f("pk_xapi_stores")),
    )
    op.create_table(
        "xapi_statements",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_xapi_statements_person_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_xapi_statements_recording_id")),
        sa.ForeignKeyConstraint(["session_id"], ["conference_sessions.id"], name=op.f("fk_xapi_statements_session_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_xapi_statements")),
        sa.UniqueConstraint("id", name=op.f("uq_xapi_statements_id")),
    )
    op.create_index(
        "ix_xapi_statements_person_recording",
        "xapi_statements",
        ["person_id", "recording_id", "position"],
        unique=False,
    )
    op.create_index("ix_xapi_statements_session", "xapi_statements", ["session_id", "position"], unique=False)
    op.create_index(op.f("ix_xapi_statements_subject_id"), "xapi_statements", ["subject_id"], unique=False)
    op.create_table(
        "xapi_refusals",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["endpoint"], ["xapi_stores.endpoint"], name=op.f("fk_xapi_refusals_endpoint")),
        sa.ForeignKeyConstraint(["position"], ["xapi_statements.position"], name=op.f("fk_xapi_refusals_position")),
        sa.PrimaryKeyConstraint("endpoint", "position", name=op.f("pk_xapi_refusals")),
    )
    op.create_table(
        "xapi_tellings",
        sa.Column("viewing_id", sa.Uuid(), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("beats", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("beat_count", sa.Integer(), nullable=False),
        sa.Column("spent_seconds", sa.Double(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["viewing_id"], ["viewings.id"], name=op.f("fk_xapi_tellings_viewing_id")),
        sa.PrimaryKeyConstraint("viewing_id", name=op.f("pk_xapi_tellings")),
    )
    op.create_index(op.f("ix_xapi_tellings_look_again_at"), "xapi_tellings", ["look_again_at"], unique=False)
