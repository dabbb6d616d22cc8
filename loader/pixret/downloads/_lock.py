"""The lock file: what every file was at its first use."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from pixret.downloads._errors import DownloadError
from pixret.files import write_whole

LOCK_NAME = "pixret.lock.json"
"""The name of the lock file, in the folder with the downloads."""

_Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class LockedFile(msgspec.Struct, frozen=True):
    """A file at its first use: its SHA-256, its length, and where it was found or downloaded."""

    sha256: _Sha256
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    origin: str


class _Lock(msgspec.Struct, forbid_unknown_fields=True):
    schema: Literal["pixret.lock/1"] = "pixret.lock/1"
    files: dict[str, LockedFile] = {}


class LockFile:
    """The lock file of a folder. Raises DownloadError when what is there is none."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK_NAME
        try:
            self._lock = msgspec.json.decode(self.path.read_bytes(), type=_Lock)
        except FileNotFoundError:
            self._lock = _Lock()
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            message = f"is not a lock file: {error}; mend it, or remove it and every file is recorded anew"
            raise DownloadError(f"{self.path}: {message}") from error

    def sha256(self, name: str) -> str | None:
        """The SHA-256 that a file had at its first use, None before that."""
        locked = self._lock.files.get(name)
        return None if locked is None else locked.sha256

    def record(self, name: str, locked: LockedFile) -> None:
        """Write down what a file is; what was written before stays."""
        if name in self._lock.files:
            return
        self._lock.files[name] = locked
        text = msgspec.json.format(msgspec.json.encode(self._lock, order="sorted"), indent=2)
        write_whole(self.path, text + b"\n")
