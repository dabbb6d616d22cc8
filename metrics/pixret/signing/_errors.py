"""What can be wrong with keys and signatures."""


class SigningError(ValueError):
    """A key, a signature or a report that cannot be read or written: `source` says which, the message also why."""

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail


class FalseSignatureError(SigningError):
    """A signature that can be read and is not that of this report by this key."""
