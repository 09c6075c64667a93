"""what to know before a release

Revision ID: 5b0c47d1a9e2
Revises: e1effb7689f4
Written: 2026-11-23 06:03:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5b0c47d1a9e2"
down_revision = "e1effb7689f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Recordings from before have none: nothing was looked for in them.
    op.add_column("recordings", sa.Column("findings", postgresql.JSONB(), nullable=True))
    op.add_column("recordings", sa.Column("sound_track", sa.Integer(), nullable=True))
    op.add_column("recordings", sa.Column("mended_key", sa.Text(), nullable=True))
