"""Run by Alembic for each command: migrates on the connection that `migrate` hands over."""

from __future__ import annotations

from alembic import context

from digest.store.schema import metadata

# One transaction for all of it: SQLite's DDL rolls back like any other statement.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
