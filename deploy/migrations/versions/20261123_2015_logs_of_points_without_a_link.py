"""logs of points without a link

Revision ID: d00425f0a6c4
Revises: 3f6a90c1d7b4
Written: 2026-11-23 20:15:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d00425f0a6c4"
down_revision = "3f6a90c1d7b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Codes from before get one too: 122 bits from the database's own strong source of chance.
    op.add_column(
        "personal_codes",
        sa.Column("secret", sa.Text(), server_default=sa.text("gen_random_uuid()::text"), nullable=False),
    )
    op.create_table(
        "point_logs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("device_key_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("head_sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_key_id"], ["device_keys.id"], name=op.f("fk_point_logs_device_key_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_point_logs_opened_by")),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_point_logs_session_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_logs")),
        sa.UniqueConstraint(
            "session_point_id", "device_key_id", name=op.f("uq_point_logs_session_point_id_device_key_id")
        ),
    )
    op.create_table(
        "point_log_entries",
        sa.Column("log_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("piece_start", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["point_logs.id"], name=op.f("fk_point_log_entries_log_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_log_entries_person_id")),
        sa.PrimaryKeyConstraint("log_id", "number", name=op.f("pk_point_log_entries")),
    )
