"""what rosters say of people

Revision ID: 7c2f9a51d0e4
Revises: b0a7d11e5c01
Written: 2026-11-23 19:30:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7c2f9a51d0e4"
down_revision = "b0a7d11e5c01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("position", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("birth_date", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("categories", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_table(
        "exemptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("attending", "reflection", name="exemptionkind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_exemptions_valid_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_exemptions_person_id")),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name=op.f("fk_exemptions_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemptions")),
    )
    op.create_index("ix_exemptions_person_id", "exemptions", ["person_id"])
    op.create_index(
        "uq_exemptions_open",
        "exemptions",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    _create_imports()


def _create_imports() -> None:
    op.create_table(
        "roster_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("preview", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("brought_by", sa.Uuid(), nullable=True),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["brought_by"], ["people.id"], name=op.f("fk_roster_imports_brought_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_roster_imports_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    op.create_index(op.f("ix_roster_imports_unit_id"), "roster_imports", ["unit_id"])
    op.create_table(
        "person_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_unit_id", sa.Uuid(), nullable=False),
        sa.Column("to_unit_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("roster_import_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["from_unit_id"], ["units.id"], name=op.f("fk_person_moves_from_unit_id")),
        sa.ForeignKeyConstraint(["moved_by"], ["people.id"], name=op.f("fk_person_moves_moved_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_moves_person_id")),
        sa.ForeignKeyConstraint(
            ["roster_import_id"], ["roster_imports.id"], name=op.f("fk_person_moves_roster_import_id")
        ),
        sa.ForeignKeyConstraint(["to_unit_id"], ["units.id"], name=op.f("fk_person_moves_to_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_moves")),
    )
    op.create_index(op.f("ix_person_moves_person_id"), "person_moves", ["person_id"])
