"""logs of meetings

Revision ID: c41f7a90d6e3
Revises: 7c2f9a51d0e4
Written: 2026-11-23 19:50:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c41f7a90d6e3"
down_revision = "7c2f9a51d0e4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(length=24), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("skipped", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["people.id"], name=op.f("fk_meeting_imports_imported_by")),
        sa.ForeignKeyConstraint(["session_id"], ["conference_sessions.id"], name=op.f("fk_meeting_imports_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_imports")),
        sa.UniqueConstraint("session_id", "sha256", name=op.f("uq_meeting_imports_session_id_sha256")),
    )
    op.create_table(
        "meeting_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("stays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("session_point_id", sa.Uuid(), nullable=True),
        sa.Column("said_count", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("matched_by", sa.String(length=24), nullable=False),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_meeting_rows_confidence_is_a_share")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (state = 'proposed')", name=op.f("ck_meeting_rows_decided_by_somebody")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["meeting_imports.id"], name=op.f("fk_meeting_rows_import_id")),
        sa.ForeignKeyConstraint(["session_id"], ["conference_sessions.id"], name=op.f("fk_meeting_rows_session_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_meeting_rows_person_id")),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_meeting_rows_session_point_id")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_meeting_rows_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_rows")),
    )
    op.create_index(op.f("ix_meeting_rows_import_id"), "meeting_rows", ["import_id"], unique=False)
    op.create_index("ix_meeting_rows_session_person", "meeting_rows", ["session_id", "person_id"], unique=False)
    op.create_index("ix_meeting_rows_session_point", "meeting_rows", ["session_id", "session_point_id"], unique=False)
    op.create_table(
        "meeting_presences",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("most_seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_meeting_presences_part_id")),
        sa.ForeignKeyConstraint(["row_id"], ["meeting_rows.id"], name=op.f("fk_meeting_presences_row_id")),
        sa.PrimaryKeyConstraint("row_id", "part_id", name=op.f("pk_meeting_presences")),
    )
    op.create_index("ix_meeting_presences_part", "meeting_presences", ["part_id"], unique=False)
