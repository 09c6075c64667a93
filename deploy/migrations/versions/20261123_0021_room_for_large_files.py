"""room for large files

Revision ID: 38b95c75b6f5
Revises: 4c1f0a7be2d9
Written: 2026-11-23 00:21:41.336027+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "38b95c75b6f5"
down_revision = "4c1f0a7be2d9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "recordings", "source_bytes", existing_type=sa.INTEGER(), type_=sa.BigInteger(), existing_nullable=False
    )
    op.alter_column("renditions", "bytes", existing_type=sa.INTEGER(), type_=sa.BigInteger(), existing_nullable=False)
