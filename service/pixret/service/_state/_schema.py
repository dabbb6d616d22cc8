"""Tables of the state. What migrations make is compared with this in the tests."""

import sqlalchemy as sa

REVISION = "0001"
"""The newest migration: what a state must be at to be used."""

metadata = sa.MetaData()

# SQLite counts up only a column of type INTEGER.
_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("sequence", _Key, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("benchmark", sa.Text, nullable=False),
    sa.Column("truth_digest", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),  # the principal; empty where there are no tokens
    sa.Column("request_id", sa.Text),  # null where none was given
    sa.Column("distractors", sa.BigInteger, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("create_time", sa.Text, nullable=False),  # ISO 8601, UTC: the same in every database, to the microsecond
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("committed", sa.BigInteger, nullable=False),
    sa.Column("accepted", sa.BigInteger, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
    sa.Column("is_finalized", sa.Boolean, nullable=False),
    sa.UniqueConstraint("owner", "request_id"),
    sqlite_autoincrement=True,  # never gives a number twice, which page tokens rely on
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("session", _Key, sa.ForeignKey("sessions.sequence", ondelete="CASCADE"), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("digests", sa.LargeBinary, nullable=False),
    sa.Column("outcomes", sa.LargeBinary, nullable=False),  # _records.py says what they hold
    sa.Column("messages", sa.LargeBinary),  # the items as they came; null unless masks are kept
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("session", _Key, sa.ForeignKey("sessions.sequence", ondelete="CASCADE"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

told = sa.Table(
    "told",
    metadata,
    sa.Column("session", sa.Text, primary_key=True),  # by name, since this outlasts the session
    sa.Column("committed", sa.BigInteger, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("time", sa.Text, nullable=False),  # ISO 8601, UTC
)
"""What was told of the numbers of which session, where that is limited."""
