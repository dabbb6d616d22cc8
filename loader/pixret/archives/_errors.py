"""What can be wrong with an archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST_SHOWN = 200


class ArchiveError(ValueError):
    """An archive that is refused: `archive` says which, `entry` where (None for all of it), `detail` why."""

    def __init__(self, archive: Path, entry: str | None, detail: str) -> None:
        where = f"{archive}: " if entry is None else f"{archive}: entry {_shown(entry)} "
        super().__init__(where + detail)
        self.archive = archive
        self.entry = entry
        self.detail = detail

    def __reduce__(self) -> tuple[type["ArchiveError"], tuple[Path, str | None, str]]:
        # Archives may be read in worker processes, and BaseException would rebuild the error from its message alone.
        return type(self), (self.archive, self.entry, self.detail)


class MissingToolError(ArchiveError):
    """A compressed RAR archive, and no program on this machine that unpacks it."""


@contextmanager
def naming_faults(archive: Path, entry: str | None = None) -> Iterator[None]:
    """Turn what the libraries of the formats raise into an ArchiveError that says where."""
    try:
        yield
    except ArchiveError:
        raise
    except NotImplementedError as error:
        raise ArchiveError(archive, entry, f"is packed in a way that is not supported: {error}") from error
    except OSError as error:
        raise ArchiveError(archive, entry, f"cannot be read: {error.strerror or error}") from error
    except Exception as error:  # the libraries raise whatever the bytes lead them to, IndexError, for example
        raise ArchiveError(archive, entry, f"is damaged: {str(error) or type(error).__name__}") from error


def _shown(name: str) -> str:
    """A name as messages show it: escaped when it does not print, and not endless."""
    escaped = name if name.isprintable() else ascii(name)[1:-1]
    return escaped if len(escaped) <= _LONGEST_SHOWN else f"{escaped[:_LONGEST_SHOWN]}..."
