"""what imported recordings bring along

Revision ID: e1effb7689f4
Revises: a7a0a51f87e3
Written: 2026-11-23 05:56:14.468509+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e1effb7689f4"
down_revision = "a7a0a51f87e3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("attendance", "transcript", "chat", name="attachmentkind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kept_by"], ["people.id"], name=op.f("fk_attachments_kept_by")),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_attachments_part_id")),
        sa.ForeignKeyConstraint(["session_id"], ["conference_sessions.id"], name=op.f("fk_attachments_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("session_id", "sha256", name=op.f("uq_attachments_session_id_sha256")),
    )
    chapters = sa.Column("chapters", postgresql.JSONB(), server_default="[]", nullable=False)
    op.add_column("recordings", chapters)
    op.add_column("uploads", sa.Column("brought", postgresql.JSONB(), nullable=True))
