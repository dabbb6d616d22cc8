"""What can go wrong with a request, in the words of the domain; `_status` says what that is in gRPC."""


class ServiceError(Exception):
    """The server cannot start: an address that cannot be bound, or ground truth that cannot be served."""


class ScoringError(Exception):
    """A request that cannot be granted. The message is meant for the caller."""


class EnvelopeError(ScoringError):
    """A request that is malformed as a whole; `field` is the path of the field at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownResourceError(ScoringError):
    """A name that names nothing; `kind` is the type of the resource."""

    def __init__(self, kind: str, name: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name


class ConflictError(ScoringError):
    """The same key with other content: an offset sent again, or a request_id."""

    def __init__(self, kind: str, name: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name


class UnauthenticatedError(ScoringError):
    """A caller without a token that the server knows, or whose token has expired."""


class TokensUnreadableError(ScoringError):
    """The tokens cannot be read now, so nobody can be let in."""

    def __init__(self) -> None:
        super().__init__("the server cannot check tokens now; its log says why")


class ForbiddenError(ScoringError):
    """A caller whose token does not include the role that an RPC takes."""

    def __init__(self, principal: str, has: str, needs: str, rpc: str) -> None:
        super().__init__(f"{rpc} takes the role {needs}, and the token of {principal} has the role {has}")
        self.needs = needs


class OffsetGapError(ScoringError):
    """A batch that begins after the end of the log."""

    def __init__(self, expected: int, got: int) -> None:
        super().__init__(
            f"the batch begins at offset {got}, and the next offset of the session is {expected}; send from {expected}"
        )
        self.expected = expected
        self.got = got


class FencedError(ScoringError):
    """Another writer attached to the session, and only the newest writes."""

    def __init__(self, session: str, epoch: int) -> None:
        super().__init__(f"writer {epoch} of {session} was replaced by a newer one; attach again to take over")
        self.session = session
        self.epoch = epoch


class MovedError(ScoringError):
    """The session went on elsewhere, through another server on the same state."""

    def __init__(self, session: str, offset: int, committed: int) -> None:
        super().__init__(
            f"{session} went on through another server: it ends at offset {committed} and not at {offset}; send again"
        )
        self.session = session


class TruthChangedError(ScoringError):
    """The session was begun against ground truth that this server does not have."""

    def __init__(self, session: str, benchmark: str, theirs: str, mine: str | None) -> None:
        served = f"now serves {mine}" if mine else "does not serve that benchmark"
        super().__init__(
            f"{session} was begun against {benchmark} with the ground truth {theirs}, and the server {served}; "
            "serve the former again, or create another session"
        )
        self.session = session


class StateError(ScoringError):
    """The state of the sessions cannot be read or written now; what was acknowledged stands."""


class StateFullError(StateError):
    """There is no room to write down more."""


class DamagedStateError(StateError):
    """What was written down of a session is not what can be read of it."""


class FinalizedError(ScoringError):
    """The session is finalized and takes no more items."""

    def __init__(self, session: str) -> None:
        super().__init__(f"{session} is finalized and takes no more items; create another session")
        self.session = session


class TotalsError(ScoringError):
    """The client's totals are not the server's: something is lost or still to come."""

    def __init__(self, session: str, field: str, theirs: int, mine: int) -> None:
        super().__init__(f"{field} is {theirs}, and the server has {mine}; nothing was finalized")
        self.session = session
        self.field = field
        self.theirs = theirs
        self.mine = mine


class QuotaError(ScoringError):
    """A limit of the server is reached; `subject` says whose, `retry` after how many seconds it may not be any more."""

    def __init__(self, subject: str, message: str, *, retry: float | None = None) -> None:
        super().__init__(message)
        self.subject = subject
        self.retry = retry


class DigestError(ScoringError):
    """The client's items are not the server's, though there are as many of them."""

    def __init__(self, session: str, theirs: bytes, mine: bytes) -> None:
        super().__init__(
            f"chain_digest is {theirs.hex()}, and the server has {mine.hex()}: the session holds other items than "
            "those that the client sent; nothing was finalized"
        )
        self.session = session


class DrainingError(ScoringError):
    """The server is about to stop."""

    def __init__(self) -> None:
        super().__init__("the server is about to stop; come back when it is up again")


class MeasuringError(ScoringError):
    """A batch on which worker processes died twice; nothing of it was taken."""

    def __init__(self) -> None:
        super().__init__("a worker process died twice on this batch; nothing of it was taken, the log has the details")
