"""watching without a link

Revision ID: ad4598b6d801
Revises: 38b95c75b6f5
Written: 2026-11-23 02:08:47.374050+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "ad4598b6d801"
down_revision = "38b95c75b6f5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "piece_lists",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pieces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_piece_lists")),
    )
    op.create_table(
        "device_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("thumbprint", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_device_keys_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_keys")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_device_keys_thumbprint")),
    )
    op.create_index(op.f("ix_device_keys_person_id"), "device_keys", ["person_id"], unique=False)
    op.create_table(
        "replay_leases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("device_key_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ending", sa.Enum("returned", "retracted", name="leaseend", native_enum=False, length=24), nullable=True
        ),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("head_sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_key_id"], ["device_keys.id"], name=op.f("fk_replay_leases_device_key_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_replay_leases_person_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_replay_leases_recording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_leases")),
    )
    op.create_index("ix_replay_leases_person", "replay_leases", ["person_id", "granted_at"], unique=False)
    op.create_index(
        "uq_replay_leases_live",
        "replay_leases",
        ["device_key_id", "recording_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "offline_doubts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lease_id"], ["replay_leases.id"], name=op.f("fk_offline_doubts_lease_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_offline_doubts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_doubts")),
    )
    op.create_index(op.f("ix_offline_doubts_lease_id"), "offline_doubts", ["lease_id"], unique=False)
    op.create_index(op.f("ix_offline_doubts_person_id"), "offline_doubts", ["person_id"], unique=False)
    op.create_table(
        "offline_log",
        sa.Column("lease_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("piece_start", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lease_id"], ["replay_leases.id"], name=op.f("fk_offline_log_lease_id")),
        sa.PrimaryKeyConstraint("lease_id", "number", name=op.f("pk_offline_log")),
    )
    op.create_table(
        "offline_runs",
        sa.Column("viewing_id", sa.Uuid(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lease_id"], ["replay_leases.id"], name=op.f("fk_offline_runs_lease_id")),
        sa.ForeignKeyConstraint(["viewing_id"], ["viewings.id"], name=op.f("fk_offline_runs_viewing_id")),
        sa.PrimaryKeyConstraint("viewing_id", name=op.f("pk_offline_runs")),
        sa.UniqueConstraint("lease_id", "run", name=op.f("uq_offline_runs_lease_id_run")),
    )
