"""Who may do what: roles, the role that each RPC takes, and the grant under which a call runs."""

import enum
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from pixret.scoring.v1 import scoring_pb2
from pixret.service._errors import ForbiddenError

SERVICE_NAME: str = scoring_pb2.DESCRIPTOR.services_by_name["ScoringService"].full_name
"""Name of the scoring service, also in the health protocol."""


class Role(enum.IntEnum):
    """What a token allows; each role includes those before it."""

    READ = 1
    SUBMIT = 2
    ADMIN = 3


SCORING_ROLES = {
    "ListBenchmarks": Role.READ,
    "GetBenchmark": Role.READ,
    "CreateSession": Role.SUBMIT,
    "GetSession": Role.READ,
    "ListSessions": Role.READ,
    "DeleteSession": Role.SUBMIT,
    "StreamPredictions": Role.SUBMIT,
    "AppendPredictions": Role.SUBMIT,
    "GetSnapshot": Role.READ,
    "ListRejections": Role.READ,
    "FinalizeSession": Role.SUBMIT,
}
"""Role that each RPC of the scoring service takes."""


def _nothing() -> None:
    """Find nothing that speaks against the grant."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A caller as the server knows it; the empty principal is everyone, where there are no tokens.

    `check` raises UnauthenticatedError once the grant does not hold any more.
    """

    principal: str = ""
    role: Role = Role.ADMIN
    check: Callable[[], None] = _nothing

    def require(self, role: Role, rpc: str) -> None:
        """Raise ForbiddenError unless the grant includes the role."""
        if self.role < role:
            raise ForbiddenError(self.principal, self.role.name.lower(), role.name.lower(), rpc)

    def sees(self, owner: str) -> bool:
        """Whether what a principal owns is there for this caller."""
        return self.role is Role.ADMIN or self.principal == owner


GRANT: ContextVar[Grant] = ContextVar("grant", default=Grant())  # noqa: B039, it is frozen
"""The grant of the call that is under way."""
