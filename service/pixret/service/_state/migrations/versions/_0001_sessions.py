"""Sessions, their entries and reports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of a new state."""
    op.create_table(
        "sessions",
        sa.Column("sequence", _Key, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("benchmark", sa.Text, nullable=False),
        sa.Column("truth_digest", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("distractors", sa.BigInteger, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("create_time", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("committed", sa.BigInteger, nullable=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("is_finalized", sa.Boolean, nullable=False),
        sa.UniqueConstraint("owner", "request_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "entries",
        sa.Column("session", _Key, sa.ForeignKey("sessions.sequence", ondelete="CASCADE"), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("digests", sa.LargeBinary, nullable=False),
        sa.Column("outcomes", sa.LargeBinary, nullable=False),
        sa.Column("messages", sa.LargeBinary),
    )
    op.create_table(
        "reports",
        sa.Column("session", _Key, sa.ForeignKey("sessions.sequence", ondelete="CASCADE"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "told",
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("committed", sa.BigInteger, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False, index=True),
        sa.Column("time", sa.Text, nullable=False),
    )
