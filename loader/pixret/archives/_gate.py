"""What an archive may hold: names that stay inside, each once, plain files alone, and not more than the limits."""

import re
import unicodedata
from pathlib import Path, PurePosixPath

from pixret.archives._errors import ArchiveError
from pixret.archives._limits import ArchiveLimits
from pixret.archives._member import Entry

_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST = 1000


class Gate:
    """Judges the entries of one archive, in their order."""

    def __init__(self, archive: Path, limits: ArchiveLimits) -> None:
        self._archive = archive
        self._limits = limits
        self._archive_bytes = archive.stat().st_size
        self._entries = 0
        self._bytes = 0
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def admit(self, entry: Entry) -> str | None:
        """Give the clean name of a file, None for a folder; ArchiveError for what is refused."""
        name = self._clean(entry.name)
        self._check_room(entry)
        if entry.kind in {"link", "device"}:
            raise self._refusal(entry.name, f"is a {entry.kind}; only files and folders are unpacked")
        if entry.kind == "file" and not name:
            raise self._refusal(entry.name, "is a file without a name")
        self._check_collision(name, entry)
        return name if entry.kind == "file" else None

    def _clean(self, name: str) -> str:
        """The name as a relative POSIX path; that of the folder itself is empty."""
        if not name.isprintable():
            raise self._refusal(name, "has a name with characters that do not print")
        if name.startswith("/") or _DRIVE.match(name):
            raise self._refusal(name, "has an absolute path")
        if "\\" in name:
            raise self._refusal(name, "has a backslash in its name")
        if len(name) > _LONGEST:
            raise self._refusal(name, f"has a name of {len(name)} characters; {_LONGEST} are allowed")
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise self._refusal(name, "climbs out of its folder")
        return "/".join(parts)

    def _check_room(self, entry: Entry) -> None:
        limits = self._limits
        self._entries += 1
        self._bytes += max(entry.size, 0)
        if self._entries > limits.max_entries:
            raise ArchiveError(self._archive, None, f"has more than {limits.max_entries} entries")
        if not 0 <= entry.size <= limits.max_entry_bytes:
            raise self._refusal(entry.name, f"has {entry.size} bytes; {limits.max_entry_bytes} are allowed")
        if self._bytes > limits.max_total_bytes:
            raise ArchiveError(self._archive, None, f"unpacks to more than {limits.max_total_bytes} bytes")
        if self._bytes > max(limits.free_bytes, limits.max_ratio * self._archive_bytes):
            detail = f"unpacks to more than {limits.max_ratio} times its {self._archive_bytes} bytes"
            raise ArchiveError(self._archive, None, detail)

    def _check_collision(self, name: str, entry: Entry) -> None:
        """Refuse what would be one file on some file system: names are compared without case and in one normal form."""
        folders = [parent.as_posix() for parent in PurePosixPath(name).parents][:-1]
        if entry.kind == "folder":
            folders.append(name)
        taken = self._files.get(_folded(name)) or (entry.kind == "file" and self._folders.get(_folded(name)))
        taken = taken or next((self._files[key] for key in map(_folded, folders) if key in self._files), None)
        if taken:
            raise self._refusal(entry.name, f"falls together with entry {taken}")
        self._folders.update((_folded(folder), folder) for folder in folders)
        if entry.kind == "file":
            self._files[_folded(name)] = name

    def _refusal(self, name: str, detail: str) -> ArchiveError:
        return ArchiveError(self._archive, name, detail)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
