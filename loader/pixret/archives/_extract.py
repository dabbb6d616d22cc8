"""Unpacking an archive into a folder that appears when it is whole."""

from pathlib import Path

from filelock import FileLock, Timeout

from pixret.archives._errors import ArchiveError
from pixret.archives._limits import DEFAULT_LIMITS, ArchiveLimits
from pixret.archives._open import open_archive
from pixret.files import cleared

_AT_ONCE = 2**20


def extract(path: Path, into: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
    """Unpack an archive into the folder `into`, which must not exist yet and appears in one step.

    A killed run leaves a hidden folder beside it, which the next run clears away. Raises ArchiveError for what
    `open_archive` refuses, when another run unpacks to the same place, and when writing fails.
    """
    partial = into.with_name(f".{into.name}.partial")
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(into.with_name(f".{into.name}.lock"), timeout=0):
            if into.exists():
                raise ArchiveError(path, None, f"cannot be unpacked to {into}, which exists; remove it")
            with cleared(partial):
                _write_members(path, partial, limits)
                partial.rename(into)
    except Timeout:
        raise ArchiveError(path, None, f"is being unpacked to {into} by another run; wait for it") from None
    except OSError as error:
        raise ArchiveError(path, None, f"cannot be unpacked to {into}: {error}") from error


def _write_members(path: Path, folder: Path, limits: ArchiveLimits) -> None:
    folder.mkdir()
    with open_archive(path, limits) as members:
        for member in members:
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                while data := member.read(_AT_ONCE):
                    file.write(data)
