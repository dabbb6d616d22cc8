"""Opening an archive of whatever kind."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pixret.archives._errors import ArchiveError, naming_faults
from pixret.archives._gate import Gate
from pixret.archives._limits import DEFAULT_LIMITS, ArchiveLimits
from pixret.archives._member import Entry, Member
from pixret.archives._rar import walk_rar
from pixret.archives._tar import walk_gzipped_tar, walk_tar
from pixret.archives._zip import walk_zip

_SIGNATURES: tuple[tuple[int, bytes, Callable[[Path], Iterator[Entry]]], ...] = (
    (0, b"\x1f\x8b", walk_gzipped_tar),
    (0, b"PK\x03\x04", walk_zip),
    (0, b"PK\x05\x06", walk_zip),
    (0, b"Rar!\x1a\x07", walk_rar),
    (257, b"ustar", walk_tar),
)


@contextmanager
def open_archive(path: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> Iterator[Iterator[Member]]:
    """Open a tar, gzipped tar, zip or RAR archive, and give its files in the order in which they lie there.

    The archive is read once and little of it is in memory. Its kind is told from its content. Opening, asking for the
    next member, and reading one raise ArchiveError for an archive that is damaged, encrypted or beyond `limits`, and
    for an entry that is no plain file or folder, leaves the folder where it is unpacked, or would take the place of
    another; also when such an entry is passed over.
    """
    with naming_faults(path):
        walk, gate = _walker(path), Gate(path, limits)
    with closing(_members(path, walk, gate)) as members:
        yield members


def _members(path: Path, walk: Callable[[Path], Iterator[Entry]], gate: Gate) -> Generator[Member, None, None]:
    with naming_faults(path):
        for entry in walk(path):
            name = gate.admit(entry)
            if name is not None:
                yield Member(path, name, entry)


def is_archive(path: Path) -> bool:
    """Whether a file begins as an archive does. Raises OSError."""
    return _find_walker(_head(path)) is not None


def _walker(path: Path) -> Callable[[Path], Iterator[Entry]]:
    if not path.is_file():  # opening a pipe could wait for ever
        raise ArchiveError(path, None, "is not a file" if path.exists() else "no such file")
    head = _head(path)
    walk = _find_walker(head)
    if walk is None:
        raise ArchiveError(path, None, f"is no tar, zip or RAR archive: it begins with {head[:32]!r}")
    return walk


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _find_walker(head: bytes) -> Callable[[Path], Iterator[Entry]] | None:
    return next((walk for at, signature, walk in _SIGNATURES if head[at:].startswith(signature)), None)
