"""Tar archives, plain and gzipped, walked once from front to back."""

import gzip
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Never, Self

from pixret.archives._member import Content, Entry, Kind

_MAX_HEADER = 2**20
_MAX_PADDING = 2**20
_LONG_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class _StrictInfo(tarfile.TarInfo):
    """A header that must be whole; tarfile takes a damaged or a missing one for the end of the archive.

    Sparse files are refused: the map of one may be of any length, and tarfile reads it before it gives the entry.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header; only the block of zeros at the end may be none."""
        if len(buf) < tarfile.BLOCKSIZE:
            raise tarfile.ReadError("it ends too early")
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if not any(buf):
                raise
            raise tarfile.ReadError(str(error)) from error
        if info.type in _LONG_HEADERS and not 0 <= info.size <= _MAX_HEADER:
            raise tarfile.ReadError(f"a name or an extended header has {info.size} bytes")
        if info.type == tarfile.GNUTYPE_SPARSE:
            raise _sparse(info.name)
        return info

    def _refuse_sparse(self, following: tarfile.TarInfo, *_: object) -> Never:
        raise _sparse(following.name)

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_sparse  # the three forms in pax headers


def _sparse(name: str) -> NotImplementedError:
    return NotImplementedError(f"entry {name!r:.80} is a sparse file")


def walk_tar(path: Path) -> Iterator[Entry]:
    """Give the entries of a plain tar archive."""
    with path.open("rb") as file:
        yield from _walk(file)


def walk_gzipped_tar(path: Path) -> Iterator[Entry]:
    """Give the entries of a gzipped tar archive."""
    with gzip.open(path) as file:
        yield from _walk(file)


def _walk(file: IO[bytes] | gzip.GzipFile) -> Iterator[Entry]:
    """Every seek goes forward, since the entries are read in their order."""
    with tarfile.open(fileobj=file, mode="r:", tarinfo=_StrictInfo) as archive:
        for info in archive:
            yield Entry(info.name, _kind(info), info.size, partial(_open, archive, info))
    _check_padding(file)


def _kind(info: tarfile.TarInfo) -> Kind:
    if info.isdir():
        return "folder"
    if info.issym() or info.islnk():
        return "link"
    return "file" if info.isreg() else "device"


def _open(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Content:
    content = archive.extractfile(info)
    if content is None:
        raise tarfile.ReadError("it has no content")
    return content


def _check_padding(file: IO[bytes] | gzip.GzipFile) -> None:
    """Read to the end, where gzip keeps its checksum; behind the last entry are zeros alone."""
    padding = file.read(_MAX_PADDING)
    if any(padding) or file.read(1):
        raise tarfile.ReadError("something follows its end")
