"""The one exception of this package."""


class ReportError(ValueError):
    """A report, a gate or a comparison that cannot be read or made: `source` says which, the message also why."""

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail
