"""doors: people check themselves in by a point's changing code

Revision ID: d00125f0a6c1
Revises: c41f7a90d6e3
Written: 2026-11-23 19:30:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d00125f0a6c1"
down_revision = "c41f7a90d6e3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_doors_opened_by")),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_doors_part_id")),
        sa.ForeignKeyConstraint(["session_point_id"], ["session_points.id"], name=op.f("fk_doors_session_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doors")),
        sa.UniqueConstraint("session_point_id", "part_id", name=op.f("uq_doors_session_point_id_part_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_doors_slug")),
    )
    op.create_table(
        "door_keepers",
        sa.Column("door_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["door_id"], ["doors.id"], name=op.f("fk_door_keepers_door_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_door_keepers_person_id")),
        sa.PrimaryKeyConstraint("door_id", "person_id", name=op.f("pk_door_keepers")),
    )
    op.create_table(
        "door_arrivals",
        sa.Column("door_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["door_id"], ["doors.id"], name=op.f("fk_door_arrivals_door_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_door_arrivals_person_id")),
        sa.PrimaryKeyConstraint("door_id", "person_id", name=op.f("pk_door_arrivals")),
    )
    op.create_index("ix_door_arrivals_phone", "door_arrivals", ["door_id", "phone"], unique=False)
    op.create_table(
        "presence_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_point_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum("late-code", "shared-phone", name="claimreason", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("seen", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (seen IS NULL)",
            name=op.f("ck_presence_claims_settled_whole"),
        ),
        sa.CheckConstraint("settled_by <> person_id", name=op.f("ck_presence_claims_never_ones_own")),
        sa.ForeignKeyConstraint(["part_id"], ["session_parts.id"], name=op.f("fk_presence_claims_part_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_presence_claims_person_id")),
        sa.ForeignKeyConstraint(
            ["session_point_id"], ["session_points.id"], name=op.f("fk_presence_claims_session_point_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["people.id"], name=op.f("fk_presence_claims_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_claims")),
        sa.UniqueConstraint(
            "session_point_id",
            "part_id",
            "person_id",
            name=op.f("uq_presence_claims_session_point_id_part_id_person_id"),
        ),
    )
    op.create_index(
        "ix_presence_claims_open",
        "presence_claims",
        ["session_point_id", "part_id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "wrong_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_wrong_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_codes")),
    )
    op.create_index("ix_wrong_codes_person_at", "wrong_codes", ["person_id", "at"], unique=False)
    # What was in it was of interest for five minutes.
    op.drop_table("showing_wrong_codes")
