"""counts of a part in order

Revision ID: b0a7d11e5c01
Revises: 7d21c05be9f4
Written: 2026-11-23 19:30:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "b0a7d11e5c01"
down_revision = "7d21c05be9f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    newest_first = [sa.text(f"{column} DESC") for column in ("counted_at", "received_at", "client_key")]
    op.create_index(
        "ix_headcounts_part",
        "headcounts",
        ["part_id", "session_point_id", "moment", *newest_first],
        postgresql_include=["present"],
    )
