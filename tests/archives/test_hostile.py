"""Entries that an archive of a benchmark never has, and that are refused by name."""

import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import rars
from packing import read_all, write_gzipped_tar, write_tar, write_zip

from pixret.archives import ArchiveError, ArchiveLimits

Write = Callable[[Path, dict[str, bytes]], None]
NAMES = {
    "../a.json": "climbs out of its folder",
    "labels/../../a.json": "climbs out of its folder",
    "labels/..": "climbs out of its folder",
    "/etc/passwd": "has an absolute path",
    "//host/share": "has an absolute path",
    "C:/a.json": "has an absolute path",
    "c:a.json": "has an absolute path",
    "labels\\a.json": "has a backslash in its name",
    "labels/\x1b[2J": "has a name with characters that do not print",
    "a" * 1001: "has a name of 1001 characters; 1000 are allowed",
}


@pytest.mark.parametrize("write", [write_tar, write_zip])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, write: Write, name: str) -> None:
    write(tmp_path / "archive", {"labels/fine.json": b"", name: b"content"})
    with pytest.raises(ArchiveError) as caught:
        read_all(tmp_path / "archive")
    shown = (ascii(name)[1:-1] if not name.isprintable() else name)[:200] + ("..." if len(name) > 200 else "")
    assert str(caught.value) == f"{tmp_path / 'archive'}: entry {shown} {NAMES[name]}"
    assert (caught.value.entry, caught.value.detail) == (name, NAMES[name])


def test_names_are_cleaned(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", {"./a.json": b"1", "labels//0/./b.json": b"2"})
    assert read_all(tmp_path / "archive") == {"a.json": b"1", "labels/0/b.json": b"2"}


def test_a_file_without_a_name_is_refused(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", {"./.": b"content"})
    with pytest.raises(ArchiveError, match=r"entry \./\. is a file without a name"):
        read_all(tmp_path / "archive")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "archive", "w") as archive:
        info = tarfile.TarInfo("labels/x")
        info.type, info.linkname = kind, "../../outside"
        archive.addfile(info)
    what = "link" if kind in {tarfile.SYMTYPE, tarfile.LNKTYPE} else "device"
    with pytest.raises(ArchiveError, match=f"entry labels/x is a {what}; only files and folders are unpacked"):
        read_all(tmp_path / "archive")


@pytest.mark.parametrize(("mode", "what"), [(stat.S_IFLNK, "link"), (stat.S_IFIFO, "device"), (stat.S_IFCHR, "device")])
def test_links_and_devices_in_zip_are_refused(tmp_path: Path, mode: int, what: str) -> None:
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        info = zipfile.ZipInfo("labels/x")
        info.create_system, info.external_attr = 3, (mode | 0o777) << 16
        archive.writestr(info, "../../outside")
    with pytest.raises(ArchiveError, match=f"entry labels/x is a {what}; only files and folders are unpacked"):
        read_all(tmp_path / "archive")


def test_links_in_rar_are_refused(tmp_path: Path) -> None:
    builder = rars.RarBuilder(store=True)
    builder.add_unix_symlink("labels/x", b"../../outside")
    builder.write(str(tmp_path / "archive"))
    with pytest.raises(ArchiveError, match="entry labels/x is a link; only files and folders are unpacked"):
        read_all(tmp_path / "archive")


COLLISIONS = {
    "the same name": ["a/b.json", "a/b.json"],
    "the same name, written otherwise": ["a/b.json", "a//./b.json"],
    "another case": ["a/b.json", "a/B.json"],
    "case beyond ASCII": ["straße", "STRASSE"],
    "another normal form": ["caf\u00e9", "cafe\u0301"],
    "a file as a folder": ["a", "a/b.json"],
    "a folder as a file": ["a/b.json", "A"],
}


@pytest.mark.parametrize("names", COLLISIONS.values(), ids=COLLISIONS)
def test_names_that_fall_together_are_refused(tmp_path: Path, names: list[str]) -> None:
    with tarfile.open(tmp_path / "archive", "w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(ArchiveError, match=f"entry {names[1]} falls together with entry "):
        read_all(tmp_path / "archive")


def test_a_folder_may_be_named_again(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "archive", "w") as archive:
        for name in ("./", "a", "a/b", "a"):
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("a/b/c.json"), io.BytesIO())
    assert read_all(tmp_path / "archive") == {"a/b/c.json": b""}


BOMBS = {
    "has more than 2 entries": (ArchiveLimits(max_entries=2), 3, 1),
    "entry 0.json has 1001 bytes; 1000 are allowed": (ArchiveLimits(max_entry_bytes=1000), 1, 1001),
    "unpacks to more than 2000 bytes": (ArchiveLimits(max_total_bytes=2000), 3, 1000),
    "unpacks to more than 100 times its": (ArchiveLimits(free_bytes=2**20), 4, 2**20),
}


@pytest.mark.parametrize("write", [write_gzipped_tar, write_zip])
@pytest.mark.parametrize("message", BOMBS)
def test_more_than_the_limits_is_refused(tmp_path: Path, write: Write, message: str) -> None:
    limits, count, size = BOMBS[message]
    write(tmp_path / "archive", {f"{i}.json": bytes(size) for i in range(count)})
    with pytest.raises(ArchiveError, match=message):
        read_all(tmp_path / "archive", limits)


def test_an_entry_of_negative_size_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "archive", "w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo("a.json")
        info.size = -512
        archive.addfile(info)
    with pytest.raises(ArchiveError, match=r"entry a.json has -512 bytes"):
        read_all(tmp_path / "archive")


def tar_header(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_tar_archive_of_headers_upon_headers_is_refused(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "archive").write_bytes(tar_header("x", kind, b"11 path=ab\n") * 3000 + tar_header("a") + bytes(1024))
    with pytest.raises(ArchiveError, match="archive: is damaged: maximum recursion depth exceeded"):
        read_all(tmp_path / "archive")


SPARSE_FILES = {
    "0.0": "GNU.sparse.size=9 GNU.sparse.numblocks=1 GNU.sparse.offset=0 GNU.sparse.numbytes=9",
    "0.1": "GNU.sparse.map=0,9",
    "1.0": "GNU.sparse.major=1 GNU.sparse.minor=0 GNU.sparse.name=a GNU.sparse.realsize=9",
}


@pytest.mark.parametrize("version", SPARSE_FILES)
def test_a_sparse_file_is_refused_before_its_map_is_read(tmp_path: Path, version: str) -> None:
    words = SPARSE_FILES[version].split()
    records = "".join(f"{len(word) + 4} {word}\n" for word in words).encode()
    content = b"999999999\n" + b"0\n" * 10**6  # of which nothing is kept
    (tmp_path / "archive").write_bytes(tar_header("x", tarfile.XHDTYPE, records) + tar_header("a", content=content))
    with pytest.raises(ArchiveError, match="is packed in a way that is not supported: entry 'a' is a sparse file"):
        read_all(tmp_path / "archive")


def test_a_sparse_file_of_the_old_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(tar_header("a\x1b", tarfile.GNUTYPE_SPARSE))
    with pytest.raises(
        ArchiveError, match=r"is packed in a way that is not supported: entry 'a\\x1b' is a sparse file"
    ):
        read_all(tmp_path / "archive")


def test_a_fault_in_whatever_packed_an_entry_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.json", bytes(range(256)))
    raw = bytearray((tmp_path / "archive").read_bytes())
    raw[60:90] = bytes(byte ^ 0xFF for byte in raw[60:90])
    (tmp_path / "archive").write_bytes(raw)
    with pytest.raises(ArchiveError, match=r"entry a\.json is damaged: Corrupt input data") as caught:
        read_all(tmp_path / "archive")
    assert isinstance(caught.value.__cause__, lzma.LZMAError)
