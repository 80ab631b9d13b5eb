"""The tables of the records, for SQLite and PostgreSQL alike. What a column means is said here once.

A change here needs a new file in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table, Text

metadata = MetaData()
_ID = String(64)

conversations = Table(
    "conversations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("audience", String(16), nullable=False),
    Column("owner", String(64), nullable=True),  # SHA-256 of the visitor's token; empty where nobody may read it back
    Column("began", DateTime(timezone=True), nullable=False, index=True),
)
turns = Table(
    "turns",
    metadata,
    Column("conversation_id", _ID, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("audience", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("state", Text, nullable=False),
)
ratings = Table(
    "ratings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", _ID, nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("stars", Integer, nullable=True),
    Column("thumb", String(4), nullable=True),
    Column("comment", Text, nullable=True),
)
handovers = Table(
    "handovers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("conversation_id", _ID, nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("state", String(8), nullable=False),  # open, taken, closed
    Column("summary", Text, nullable=False),
)
users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),  # argon2id, with its own salt
    Column("disabled", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", DateTime(timezone=True), nullable=True),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of what the browser holds
    Column("user", String(64), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False),
)
