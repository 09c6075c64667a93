"""timelines corrected by hand

Revision ID: 4c1f0a7be2d9
Revises: 71593fb8a410
Written: 2026-11-22 23:05:12.481907+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "4c1f0a7be2d9"
down_revision = "71593fb8a410"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timeline_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("deck_id", sa.Uuid(), nullable=False),
        sa.Column("cues", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("corrected_by", sa.Uuid(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["corrected_by"], ["people.id"], name=op.f("fk_timeline_corrections_corrected_by")),
        sa.ForeignKeyConstraint(["deck_id"], ["decks.id"], name=op.f("fk_timeline_corrections_deck_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_timeline_corrections_recording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_corrections")),
        sa.UniqueConstraint("recording_id", "deck_id", name=op.f("uq_timeline_corrections_recording_id_deck_id")),
    )
    # What a person sets is kept whole in the table above, so that it can never be mixed up with what is found.
    op.drop_column("slide_cues", "by_hand")
