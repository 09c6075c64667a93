"""offline runs of several viewings

Revision ID: 5b1d7c0ae4f2
Revises: 9e41c60d3b57
Written: 2026-11-23 02:40:12.118000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "5b1d7c0ae4f2"
down_revision = "9e41c60d3b57"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offline_viewings",
        sa.Column("viewing_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("viewing_id", name=op.f("pk_offline_viewings")),
        sa.ForeignKeyConstraint(["viewing_id"], ["viewings.id"], name=op.f("fk_offline_viewings_viewing_id")),
    )
    op.create_index(op.f("ix_offline_viewings_run_id"), "offline_viewings", ["run_id"], unique=False)
    op.add_column("offline_runs", sa.Column("id", sa.Uuid(), nullable=True))
    op.add_column("offline_runs", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
    # Until now a run was one viewing, which began with it.
    op.execute(
        "UPDATE offline_runs SET id = gen_random_uuid(), began_at = viewings.opened_at"
        " FROM viewings WHERE viewings.id = offline_runs.viewing_id"
    )
    op.execute("INSERT INTO offline_viewings (viewing_id, run_id) SELECT viewing_id, id FROM offline_runs")
    op.alter_column("offline_runs", "id", nullable=False)
    op.alter_column("offline_runs", "began_at", nullable=False)
    op.drop_constraint("pk_offline_runs", "offline_runs", type_="primary")
    op.create_primary_key("pk_offline_runs", "offline_runs", ["id"])
    op.drop_column("offline_runs", "viewing_id")
    op.create_foreign_key(op.f("fk_offline_viewings_run_id"), "offline_viewings", "offline_runs", ["run_id"], ["id"])
