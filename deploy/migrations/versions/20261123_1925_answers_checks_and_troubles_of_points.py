"""answers, checks and troubles of points

Revision ID: 7d21c05be9f4
Revises: 5b0c47d1a9e2
Written: 2026-11-23 19:25:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7d21c05be9f4"
down_revision = "5b0c47d1a9e2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("coming", sa.Boolean(), nullable=False),
        sa.Column("expected_count", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.CheckConstraint("expected_count BETWEEN 0 AND 100000", name=op.f("ck_point_answers_expected_sane")),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_point_answers_session_point_id")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name=op.f("fk_point_answers_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_answers")),
        sa.UniqueConstraint("client_key", name=op.f("uq_point_answers_client_key")),
    )
    op.create_index("ix_point_answers_point", "point_answers", ["session_point_id", "answered_at"])
    op.create_table(
        "readiness_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.Column("down_kbits", sa.Integer(), nullable=True),
        sa.Column("up_kbits", sa.Integer(), nullable=True),
        sa.Column("round_trip_ms", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "down_kbits >= 0 AND up_kbits >= 0 AND round_trip_ms >= 0", name=op.f("ck_readiness_checks_line_sane")
        ),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_readiness_checks_session_point_id")
        ),
        sa.ForeignKeyConstraint(["checked_by"], ["people.id"], name=op.f("fk_readiness_checks_checked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_checks")),
        sa.UniqueConstraint("client_key", name=op.f("uq_readiness_checks_client_key")),
    )
    op.create_index("ix_readiness_checks_point", "readiness_checks", ["session_point_id", "checked_at"])
    op.create_table(
        "readiness_items",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(24), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["readiness_checks.id"], name=op.f("fk_readiness_items_check_id")),
        sa.PrimaryKeyConstraint("check_id", "item", name=op.f("pk_readiness_items")),
    )
    op.create_table(
        "troubles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_before", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_troubles_ends_after_start")),
        sa.ForeignKeyConstraint(["session_point_id"], ["session_points.id"], name=op.f("fk_troubles_session_point_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["people.id"], name=op.f("fk_troubles_reported_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_troubles_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_troubles")),
    )
    op.create_index("ix_troubles_point", "troubles", ["session_point_id", "began_at"])
    op.create_index("ix_troubles_open", "troubles", ["session_point_id"], postgresql_where=sa.text("ended_at IS NULL"))
