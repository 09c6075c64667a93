"""decisions on credits

Revision ID: b54e0d8a92c7
Revises: dfcff9a800e0
Written: 2026-11-23 02:44:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "b54e0d8a92c7"
down_revision = "dfcff9a800e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("grant", "refuse", "waive", name="decisionkind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("standing", "waiting", "declined", "replaced", name="decisionstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconded_by", sa.Uuid(), nullable=True),
        sa.Column("seconded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 10 AND 500", name=op.f("ck_credit_decisions_reason_says_something")
        ),
        sa.CheckConstraint(
            "(seconded_by IS NULL) = (seconded_at IS NULL)", name=op.f("ck_credit_decisions_seconded_by_somebody")
        ),
        sa.CheckConstraint(
            "decided_by <> person_id AND seconded_by <> person_id", name=op.f("ck_credit_decisions_never_ones_own")
        ),
        sa.CheckConstraint("seconded_by <> decided_by", name=op.f("ck_credit_decisions_seconded_by_another")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_credit_decisions_decided_by")),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_credit_decisions_part_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_credit_decisions_person_id")),
        sa.ForeignKeyConstraint(["seconded_by"], ["people.id"], name=op.f("fk_credit_decisions_seconded_by")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["conference_sessions.id"], name=op.f("fk_credit_decisions_session_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_credit_decisions_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_decisions")),
    )
    op.create_index(
        "ix_credit_decisions_decider", "credit_decisions", ["decided_by", "session_id", "decided_at"], unique=False
    )
    op.create_index(
        "ix_credit_decisions_person_session",
        "credit_decisions",
        ["person_id", "session_id", "decided_at"],
        unique=False,
    )
    op.create_index(
        "ix_credit_decisions_waiting",
        "credit_decisions",
        ["unit_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    # The review queue reads these alone, of all the evidence there is.
    op.create_index(
        "ix_evidence_doubtful",
        "evidence",
        ["session_id", "person_id"],
        unique=False,
        postgresql_where=sa.text("doubts <> '[]'::jsonb"),
    )
