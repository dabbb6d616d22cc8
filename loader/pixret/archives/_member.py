"""Entries of an archive: as a format gives them, and as they are handed out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pixret.archives._errors import ArchiveError, naming_faults

Kind = Literal["file", "folder", "link", "device"]


class Content(Protocol):
    """The bytes of an entry."""

    def read(self, size: int, /) -> bytes:
        """Read the next `size` bytes; fewer come only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """What an archive says of one entry, as it stands there; `open` gives the content, once."""

    name: str
    kind: Kind
    size: int
    open: Callable[[], Content]


class Member:
    """A file in an archive; its content can be read once, until the next member is asked for.

    `name` is a relative POSIX path that stays below the folder where it is unpacked, `size` its length in bytes.
    """

    __slots__ = ("_archive", "_content", "_entry", "_left", "name", "size")

    def __init__(self, archive: Path, name: str, entry: Entry) -> None:
        self.name = name
        self.size = entry.size
        self._archive = archive
        self._entry = entry
        self._content: Content | None = None
        self._left = entry.size

    def read(self, size: int = -1) -> bytes:
        """Read the next `size` bytes, or all that are left when negative; fewer come only at the end.

        Raises ArchiveError when the archive is damaged or ends too early.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        if wanted == 0:
            return b""
        with naming_faults(self._archive, self.name):
            if self._content is None:
                self._content = self._entry.open()
            data = self._content.read(wanted)
        self._left -= len(data)
        if len(data) != wanted:
            detail = f"is damaged: it has {self.size - self._left} bytes, where {self.size} belong"
            raise ArchiveError(self._archive, self.name, detail)
        return data
