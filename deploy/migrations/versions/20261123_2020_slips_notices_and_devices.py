"""slips, notices and devices

Revision ID: e4b8613fd02a
Revises: 6c1d0e7f4a25
Written: 2026-11-23 20:20:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "e4b8613fd02a"
down_revision = "6c1d0e7f4a25"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activation_slips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["people.id"], name=op.f("fk_activation_slips_issued_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_activation_slips_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation_slips")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_activation_slips_code_sha256")),
    )
    op.create_index(op.f("ix_activation_slips_person_id"), "activation_slips", ["person_id"])
    op.create_index(
        "uq_activation_slips_open",
        "activation_slips",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL AND voided_at IS NULL"),
    )
    op.create_table(
        "account_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("slip-issued", "password-reset", name="noticekind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_account_notices_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_account_notices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_notices")),
    )
    op.create_index(op.f("ix_account_notices_person_id"), "account_notices", ["person_id"])
    op.create_table(
        "device_uses",
        sa.Column("device_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_device_uses_person_id")),
        sa.PrimaryKeyConstraint("device_sha256", "person_id", name=op.f("pk_device_uses")),
    )
    op.create_index(op.f("ix_device_uses_last_at"), "device_uses", ["last_at"])
    op.create_index(op.f("ix_device_uses_person_id"), "device_uses", ["person_id"])
