"""The one exception of this package."""

from pathlib import Path


class RawFileError(ValueError):
    """A file of the authors that cannot be read: `path` says which, `detail` what is wrong with it."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail

    def __reduce__(self) -> tuple[type["RawFileError"], tuple[Path, str]]:
        # Labels are read in worker processes, and BaseException would rebuild the error from its message alone.
        return type(self), (self.path, self.detail)


class MissingFileError(RawFileError):
    """A file of the authors that is not there."""
