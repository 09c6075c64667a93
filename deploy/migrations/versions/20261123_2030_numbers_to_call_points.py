"""numbers to call points

Revision ID: e90b7c3d15a8
Revises: c41e8a9d7b20
Written: 2026-11-23 20:30:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "e90b7c3d15a8"
down_revision = "c41e8a9d7b20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_contacts",
        sa.Column("connection_point_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_point_id"], ["connection_points.id"], name=op.f("fk_point_contacts_connection_point_id")
        ),
        sa.ForeignKeyConstraint(["noted_by"], ["people.id"], name=op.f("fk_point_contacts_noted_by")),
        sa.PrimaryKeyConstraint("connection_point_id", name=op.f("pk_point_contacts")),
    )
