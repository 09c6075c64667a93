"""what the gate found

Revision ID: a7a0a51f87e3
Revises: b54e0d8a92c7
Written: 2026-11-23 05:53:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a7a0a51f87e3"
down_revision = "b54e0d8a92c7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(retired_by IS NULL) = (retired_at IS NULL)", name=op.f("ck_gate_rules_retired_by_somebody")
        ),
        sa.CheckConstraint("char_length(phrase) BETWEEN 2 AND 200", name=op.f("ck_gate_rules_phrase_of_some_length")),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_gate_rules_added_by")),
        sa.ForeignKeyConstraint(["retired_by"], ["people.id"], name=op.f("fk_gate_rules_retired_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_rules")),
    )
    op.create_index(
        "ix_gate_rules_phrase", "gate_rules", ["phrase"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.create_table(
        "inspections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "result",
            sa.Enum("clean", "doubtful", "sealed", "refused", name="inspectionresult", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("hits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pictures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("looked_by", sa.Uuid(), nullable=True),
        sa.Column("ruling", sa.Enum("cleared", "refused", name="ruling", native_enum=False, length=24), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(ruling, decided_by, decided_at, reason) IN (0, 4)",
            name=op.f("ck_inspections_ruled_by_somebody_for_a_reason"),
        ),
        sa.CheckConstraint("unread >= 0", name=op.f("ck_inspections_unread_not_below_zero")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_inspections_decided_by")),
        sa.ForeignKeyConstraint(["job_id"], ["ingest_jobs.id"], name=op.f("fk_inspections_job_id")),
        sa.ForeignKeyConstraint(["looked_by"], ["people.id"], name=op.f("fk_inspections_looked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    op.create_index(op.f("ix_inspections_job_id"), "inspections", ["job_id"], unique=False)
