"""Writing a file in one step."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

_SHOWN = 40
"""Characters of a file's name in that of its partial file, which must not be too long where the file's own is not."""


def write_whole(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file in one step, into a folder that is there: at any time the path names the former file or the new one.

    The content is on the disk before it gets its name, so that this holds after a loss of power, too. Of several
    writers at once, one is the last. The umask takes from `mode`, and the former file has no say in it; a link is
    replaced, not followed. Whatever ends this early leaves nothing behind; only where the process is killed, a hidden
    ``.NAME.*.partial`` stays. Raises OSError with the path, also when it names a folder, a pipe or a device.
    """
    partial = path.with_name(f".{path.name[:_SHOWN]}.{secrets.token_hex(8)}.partial")
    try:
        _check_replaceable(path)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:  # which names the partial file, or none
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):  # it is seldom there, and what went wrong was said
            partial.unlink()


def _check_replaceable(path: Path) -> None:
    """Refuse what a renamed file would replace but not be: /dev/null, for one, which root could lose that way."""
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "Is there, and is no regular file; name another")
