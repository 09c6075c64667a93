"""every rung of the ladder

Revision ID: 71593fb8a410
Revises: 6faa917d0024
Written: 2026-11-22 22:47:40.059055+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "71593fb8a410"
down_revision = "6faa917d0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decks", sa.Column("recording_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_decks_recording_id"), "decks", ["recording_id"])
    op.create_foreign_key(op.f("fk_decks_recording_id"), "decks", "recordings", ["recording_id"], ["id"])
    op.add_column("ingest_jobs", sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job_steps", sa.Column("rung", sa.Text(), nullable=True))
    op.add_column("recordings", sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("renditions", sa.Column("stream", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("slide_cues", sa.Column("by_hand", sa.Boolean(), server_default="false", nullable=False))
