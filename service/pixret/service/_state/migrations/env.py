"""Run by Alembic, on the connection that `_engine` has open."""

import sqlalchemy as sa
from alembic import context

from pixret.service._state._schema import metadata

_LOCK = 0x706978726574  # any number that is pixret's own: servers that start together upgrade one after the other

connection: sa.Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with connection.begin():
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    context.run_migrations()
