"""presence questions

Revision ID: 7c3f3770690d
Revises: ad4598b6d801
Written: 2026-11-23 02:21:44.153305+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7c3f3770690d"
down_revision = "ad4598b6d801"
branch_labels = None
depends_on = None


_FILLED = {
    "credit_policies": ("prompt_gap_seconds", "prompt_answer_seconds", "hidden_counts"),
    "evidence": ("doubts",),
    "viewings": ("last_seq", "clock_end", "altered_beats", "beyond_beats", "doubts"),
    "watch_coverage": ("waiting", "seed", "tail"),
}

_ASK_FROM_NOW_ON = """
INSERT INTO credit_policies
  (session_id, version, coverage_required, prompts_required, prompt_gap_seconds, prompt_answer_seconds, hidden_counts,
   max_rate, replay_until, reflection_required, set_by, set_at)
SELECT DISTINCT ON (session_id)
   session_id, version + 1, coverage_required, prompts_required, prompt_gap_seconds, prompt_answer_seconds,
   hidden_counts, max_rate, replay_until, reflection_required, set_by, now()
FROM credit_policies WHERE prompts_required > 0
ORDER BY session_id, version DESC
"""


def upgrade() -> None:
    op.create_table(
        "presence_prompts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("viewing_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("at_seconds", sa.Double(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("planned", "open", "answered", "wrong", "missed", name="promptstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("asked_in", sa.Uuid(), nullable=True),
        sa.Column(
            "kind", sa.Enum("picture", "code", "word", name="promptkind", native_enum=False, length=24), nullable=True
        ),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_after_seq", sa.Integer(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_seconds", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["asked_in"], ["viewings.id"], name=op.f("fk_presence_prompts_asked_in")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_presence_prompts_person_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_presence_prompts_recording_id")),
        sa.ForeignKeyConstraint(["viewing_id"], ["viewings.id"], name=op.f("fk_presence_prompts_viewing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_prompts")),
        sa.UniqueConstraint(
            "person_id", "recording_id", "number", name=op.f("uq_presence_prompts_person_id_recording_id_number")
        ),
    )
    op.create_index("ix_presence_prompts_asked_in", "presence_prompts", ["asked_in"], unique=False)
    op.create_index("ix_presence_prompts_recording_sent", "presence_prompts", ["recording_id", "sent_at"], unique=False)
    op.create_index(
        "uq_presence_prompts_open",
        "presence_prompts",
        ["person_id", "recording_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.add_column(
        "credit_policies", sa.Column("prompt_gap_seconds", sa.Integer(), nullable=False, server_default="1500")
    )
    op.add_column(
        "credit_policies", sa.Column("prompt_answer_seconds", sa.Integer(), nullable=False, server_default="90")
    )
    op.add_column("credit_policies", sa.Column("hidden_counts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column(
        "evidence",
        sa.Column("doubts", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")),
    )
    op.add_column("viewings", sa.Column("last_seq", sa.Integer(), nullable=False, server_default="-1"))
    op.add_column("viewings", sa.Column("clock_end", sa.Double(), nullable=False, server_default="0"))
    op.add_column("viewings", sa.Column("altered_beats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("viewings", sa.Column("beyond_beats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "viewings",
        sa.Column("doubts", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")),
    )
    op.add_column(
        "watch_coverage",
        sa.Column("waiting", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")),
    )
    op.add_column(
        "watch_coverage",
        sa.Column(
            "seed", sa.Text(), nullable=False, server_default=sa.text("replace(gen_random_uuid()::text, '-', '')")
        ),
    )
    op.add_column(
        "watch_coverage",
        sa.Column("tail", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'")),
    )
    # The rows of before are served; from now on every writer says what it means.
    for table, columns in _FILLED.items():
        for column in columns:
            op.alter_column(table, column, server_default=None)
    op.create_check_constraint(
        op.f("ck_credit_policies_gap_sane"), "credit_policies", "prompt_gap_seconds BETWEEN 1080 AND 7200"
    )
    op.create_check_constraint(
        op.f("ck_credit_policies_answer_sane"), "credit_policies", "prompt_answer_seconds BETWEEN 30 AND 600"
    )
    # No question was ever asked under the policies of before, so they say so, and what was watched under them counts
    # as it did. Whoever opens a viewing from now on watches under a version that asks.
    op.execute(_ASK_FROM_NOW_ON)
    op.execute("UPDATE credit_policies SET prompts_required = 0 WHERE set_at < now()")
