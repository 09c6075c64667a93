"""documents at hand: short links and receipts

Revision ID: d00325f0a6c3
Revises: d00225f0a6c2
Written: 2026-11-23 20:00:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d00325f0a6c3"
down_revision = "d00225f0a6c2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_links",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("deck_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deck_id"], ["decks.id"], name=op.f("fk_document_links_deck_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_document_links")),
        sa.UniqueConstraint("deck_id", name=op.f("uq_document_links_deck_id")),
    )
    op.create_table(
        "document_receipts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("pages", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["document_links.code"], name=op.f("fk_document_receipts_code")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_document_receipts_person_id")),
        sa.PrimaryKeyConstraint("code", "person_id", name=op.f("pk_document_receipts")),
    )
    op.create_index("ix_document_receipts_person_id", "document_receipts", ["person_id"], unique=False)
