"""check-ins taken back

Revision ID: d00225f0a6c2
Revises: d00125f0a6c1
Written: 2026-11-23 19:45:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d00225f0a6c2"
down_revision = "d00125f0a6c1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_in_withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "method",
            sa.Enum("roster", "code", "card", "paper", "import", name="checkinmethod", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("check_in_key", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.CheckConstraint("withdrawn_by <> person_id", name=op.f("ck_check_in_withdrawals_never_ones_own")),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_check_in_withdrawals_part_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_check_in_withdrawals_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_check_in_withdrawals_recorded_by")),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_check_in_withdrawals_session_point_id")
        ),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["people.id"], name=op.f("fk_check_in_withdrawals_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_withdrawals")),
        sa.UniqueConstraint("check_in_id", name=op.f("uq_check_in_withdrawals_check_in_id")),
        sa.UniqueConstraint("check_in_key", name=op.f("uq_check_in_withdrawals_check_in_key")),
        sa.UniqueConstraint("client_key", name=op.f("uq_check_in_withdrawals_client_key")),
    )
    op.create_index(
        "ix_check_in_withdrawals_point", "check_in_withdrawals", ["session_point_id", "part_id"], unique=False
    )
