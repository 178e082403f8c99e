"""Alembic's entry: brings the database of the given connection to the newest version, inside its transaction."""

from alembic import context

from cds_service.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
