"""The one exception of this package."""


class PageError(ValueError):
    """A page that cannot be made: `source` says from what, the message also why."""

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail
