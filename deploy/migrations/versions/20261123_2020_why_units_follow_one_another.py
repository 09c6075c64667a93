"""why units follow one another

Revision ID: 7c1f0e5a92b4
Revises: d00325f0a6c3
Written: 2026-11-23 20:20:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7c1f0e5a92b4"
down_revision = "d00325f0a6c3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of those from before it is only known that one took over from the other.
    change = sa.String(length=24)
    op.add_column("unit_successions", sa.Column("change", change, server_default="succeeded", nullable=False))
