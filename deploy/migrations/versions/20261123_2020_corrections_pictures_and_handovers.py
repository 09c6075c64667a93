"""corrections that name what they correct, pictures of counts, and points that change hands

Revision ID: 6c1d0e7f4a25
Revises: e90b7c3d15a8
Written: 2026-11-23 20:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "6c1d0e7f4a25"
down_revision = "e90b7c3d15a8"
branch_labels = None
depends_on = None

#: What held before: the newest by the technicians' clocks.
SETTLE = """
UPDATE headcounts SET superseded_by = newest.id
FROM (
    SELECT id, first_value(id) OVER (
        PARTITION BY session_point_id, part_id, moment ORDER BY counted_at DESC, client_key DESC
    ) AS newest_id FROM headcounts
) AS ranked JOIN headcounts AS newest ON newest.id = ranked.newest_id
WHERE headcounts.id = ranked.id AND ranked.newest_id <> ranked.id
"""


def upgrade() -> None:
    op.add_column("headcounts", sa.Column("clock_ahead", sa.Integer(), nullable=True))
    op.add_column(
        "headcounts",
        sa.Column("corrects", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("headcounts", sa.Column("superseded_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_headcounts_superseded_by"), "headcounts", "headcounts", ["superseded_by"], ["id"])
    op.execute(SETTLE)
    # The order in which counts arrived no longer says which of them holds.
    op.drop_index("ix_headcounts_part", table_name="headcounts")
    op.create_index(
        "ix_headcounts_standing",
        "headcounts",
        ["part_id", "session_point_id", "moment"],
        postgresql_include=["present"],
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_table(
        "count_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.String(length=24), nullable=False),
        sa.Column("headcount_key", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.CheckConstraint("bytes BETWEEN 1 AND 10485760", name=op.f("ck_count_photos_bytes_sane")),
        sa.CheckConstraint("char_length(sha256) = 64", name=op.f("ck_count_photos_sha256_in_hex")),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_count_photos_session_point_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_count_photos_part_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_count_photos_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_photos")),
        sa.UniqueConstraint("client_key", name=op.f("uq_count_photos_client_key")),
    )
    op.create_index(op.f("ix_count_photos_session_point_id"), "count_photos", ["session_point_id"])
    op.create_index(op.f("ix_count_photos_sha256"), "count_photos", ["sha256"])
    op.create_table(
        "point_handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(taken_by IS NULL) = (taken_at IS NULL)", name=op.f("ck_point_handovers_taken_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_point_handovers_session_point_id")
        ),
        sa.ForeignKeyConstraint(["from_id"], ["people.id"], name=op.f("fk_point_handovers_from_id")),
        sa.ForeignKeyConstraint(["offered_by"], ["people.id"], name=op.f("fk_point_handovers_offered_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["people.id"], name=op.f("fk_point_handovers_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_handovers")),
    )
    op.create_index(op.f("ix_point_handovers_session_point_id"), "point_handovers", ["session_point_id"])
    op.create_index(
        "ix_point_handovers_code",
        "point_handovers",
        ["code_sha256"],
        unique=True,
        postgresql_where=sa.text("code_sha256 IS NOT NULL"),
    )
    op.create_table(
        "handover_tries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_handover_tries_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_tries")),
    )
    op.create_index("ix_handover_tries_person", "handover_tries", ["person_id", "tried_at"])
