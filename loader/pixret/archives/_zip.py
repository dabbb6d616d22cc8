"""Zip archives, in the order in which their entries lie in the file."""

import stat
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pixret.archives._errors import ArchiveError
from pixret.archives._member import Entry, Kind

_ENCRYPTED = 0x1
_UNIX = 3


def walk_zip(path: Path) -> Iterator[Entry]:
    """Give the entries of a zip archive."""
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:  # which alone would wait for entries to be closed
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            if info.flag_bits & _ENCRYPTED:
                raise ArchiveError(path, info.orig_filename, "is encrypted; unpack the archive yourself")
            # filename ends at a NUL, and orig_filename does not.
            yield Entry(info.orig_filename, _kind(info), info.file_size, partial(archive.open, info))


def _kind(info: zipfile.ZipInfo) -> Kind:
    # Only archives made on Unix say what kind of file an entry is, and not all of those.
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        return "link"
    if info.filename.endswith("/"):  # is_dir() fails on an empty name
        return "folder"
    return "file" if stat.S_IFMT(mode) in {0, stat.S_IFREG} else "device"
