"""Run by Alembic for each upgrade, on the connection that `open_database` hands it."""

from __future__ import annotations

from alembic import context

from assistant.records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
