"""The one exception of this package."""

from pathlib import Path


class TablesError(ValueError):
    """Prepared tables that cannot be read: `path` says what, the message also what to do about it."""

    def __init__(self, path: Path, detail: str, remedy: str = "run pixret prepare again") -> None:
        super().__init__(f"{path}: {detail}; {remedy}")
        self.path = path
        self.detail = detail
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["TablesError"], tuple[Path, str, str]]:
        # BaseException would rebuild the error, in another process, from its message alone.
        return type(self), (self.path, self.detail, self.remedy)
