"""Reading a whole file that may be anything."""

import stat
from pathlib import Path

from pixret.rawfiles._errors import MissingFileError, RawFileError


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Read a regular file of at most `max_bytes`; RawFileError for whatever else is there."""
    check_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise RawFileError(path, f"cannot be read: {error.strerror}") from error
    if len(data) > max_bytes:
        raise RawFileError(path, f"is larger than {max_bytes} bytes, so it is not the file that belongs here")
    return data


def check_file(path: Path) -> None:
    """RawFileError unless `path` is a regular file (opening a pipe could wait for ever)."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingFileError(path, "no such file") from error
    except OSError as error:
        raise RawFileError(path, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise RawFileError(path, "is not a regular file")
