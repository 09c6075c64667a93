"""people in order and by words

Revision ID: b3f6c1d84e27
Revises: d00425f0a6c4
Written: 2026-11-24 06:20:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "b3f6c1d84e27"
down_revision = "d00425f0a6c4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_people_order", "people", ["sort_key", "id"])
    words = sa.text("to_tsvector('simple'::regconfig, search_key)")
    op.create_index("ix_people_words", "people", [words], postgresql_using="gin")
    # How common a word is, is known only once somebody has looked.
    op.execute("ANALYZE people")
