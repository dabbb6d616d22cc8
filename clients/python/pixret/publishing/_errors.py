"""The one exception of this package."""


class PublishError(ValueError):
    """A result that cannot be published: `source` says what stands in the way, the message also why."""

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail
