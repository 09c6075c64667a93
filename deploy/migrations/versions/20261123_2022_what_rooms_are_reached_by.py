"""what rooms are reached by

Revision ID: 2e9d40b7c8a1
Revises: 7c1f0e5a92b4
Written: 2026-11-23 20:22:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "2e9d40b7c8a1"
down_revision = "7c1f0e5a92b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connection_points", sa.Column("measured_mbits", sa.Integer(), nullable=True))
    for name in ("backup_line", "video_address", "phone"):
        op.add_column("connection_points", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_connection_points_measured_sane"), "connection_points", "measured_mbits BETWEEN 0 AND 100000"
    )
