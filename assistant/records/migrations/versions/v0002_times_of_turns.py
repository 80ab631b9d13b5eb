"""Turns are read by time (what customers asked since a day), conversations purged by it: both get an index."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_turns_at", "turns", ["at"])
    op.create_index("ix_conversations_began", "conversations", ["began"])
