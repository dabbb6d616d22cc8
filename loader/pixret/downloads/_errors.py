"""What can stand against having a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixret.downloads._files import RemoteFile


class DownloadError(Exception):
    """A file that cannot be had, for a reason that the caller can do something about."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A file that no mirror gives: its name, and each address with its reason, in the order of the attempts."""

    name: str
    reasons: tuple[tuple[str, str], ...]


class UnavailableError(DownloadError):
    """Files that no mirror gives; of several, each would have done."""

    def __init__(self, files: Sequence[Unavailable], cache: Path) -> None:
        lines: list[str] = []
        for file in files:
            lines.append(f"{file.name}: no mirror gives it")
            lines += [f"  {url}: {reason}" for url, reason in file.reasons]
        lines.append(f"Try again later, name another mirror, or put {files[0].name} into {cache} yourself.")
        super().__init__("\n".join(lines))
        self.files = tuple(files)


class MissingOfflineError(DownloadError):
    """Files that are not on this machine, while no connection may be made."""

    def __init__(self, files: Sequence[RemoteFile], cache: Path) -> None:
        lines = [f"{cache}: {len(files)} file{'s are' if len(files) > 1 else ' is'} missing, and nothing is downloaded"]
        lines += [f"  {file.name}, from {file.urls[0]}" if file.urls else f"  {file.name}" for file in files]
        lines.append("  Put them there, name the folder that holds them, or run without --offline.")
        super().__init__("\n".join(lines))
        self.files = tuple(files)


class MirrorError(Exception):
    """Why one mirror does not give a file."""


class PassingError(MirrorError):
    """A reason that may pass: `reached` bytes were there by then, and the server may ask to wait so many seconds."""

    def __init__(self, reason: str, reached: int, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reached = reached
        self.retry_after = retry_after
