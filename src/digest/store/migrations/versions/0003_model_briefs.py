"""A language model's answers, what they cost, and what editors say of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "model_answers",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("story_id", sa.String(40), nullable=False),
        _text("provider"),
        _text("model"),
        _text("prompt_hash"),
        _text("answer"),
        sa.Column("prompt_tokens", sa.Integer, nullable=False, server_default="0"),
        sa.Column("answer_tokens", sa.Integer, nullable=False, server_default="0"),
        sa.Column("at", UtcDateTime, nullable=False),
        _text("verdict"),
        _text("verdict_by"),
        sa.Column("verdict_at", UtcDateTime),
        sa.PrimaryKeyConstraint("key", name="pk_model_answers"),
    )
    op.create_index("ix_model_answers_at", "model_answers", ["at"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")
