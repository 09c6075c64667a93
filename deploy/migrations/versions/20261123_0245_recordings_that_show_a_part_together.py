"""recordings that show a part together

Revision ID: 9e41c60d3b57
Revises: ba3fa152ba46
Written: 2026-11-23 02:45:03.118842+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "9e41c60d3b57"
down_revision = "ba3fa152ba46"
branch_labels = None
depends_on = None

_WHAT_IS_OUT = """
INSERT INTO replays (recording_id, session_id, part_id, content, title, length_seconds)
SELECT id, session_id, part_id, source_sha256, title, duration_seconds
FROM recordings WHERE published_at IS NOT NULL AND retracted_at IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("length_seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_replays_part_id")),
        sa.ForeignKeyConstraint(["session_id"], ["conference_sessions.id"], name=op.f("fk_replays_session_id")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_session_id"), "replays", ["session_id"], unique=False)
    op.execute(_WHAT_IS_OUT)
