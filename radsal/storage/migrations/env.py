"""Run by Alembic. The caller opens the connection and the transaction, and ends both."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
