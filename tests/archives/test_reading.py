"""Archives of every kind, whole and damaged."""

import gzip
import io
import shutil
import tarfile
import tracemalloc
import zipfile
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import rars
from packing import FILES, TOOLS, WRITERS, needs_tool, read_all, write_gzipped_tar, write_tar, write_zip

from pixret.archives import ArchiveError, MissingToolError, open_archive


def test_every_kind_gives_its_files_in_their_order(write: Any, tmp_path: Path) -> None:
    write(tmp_path / "archive", FILES)
    assert list(read_all(tmp_path / "archive").items()) == list(FILES.items())


def test_the_name_of_an_archive_says_nothing(tmp_path: Path) -> None:
    write_zip(tmp_path / "labels.rar", FILES)
    assert read_all(tmp_path / "labels.rar") == FILES


def test_content_comes_in_parts(write: Any, tmp_path: Path) -> None:
    write(tmp_path / "archive", FILES)
    with open_archive(tmp_path / "archive") as members:
        first = next(members)
        assert (first.name, first.size) == ("labels/0/0_1.json", 42000)
        assert [len(first.read(size)) for size in (1, 40000, 0, 5000, 10)] == [1, 40000, 0, 1999, 0]
        assert first.read() == b""


def test_members_can_be_passed_over(write: Any, tmp_path: Path) -> None:
    write(tmp_path / "archive", FILES)
    with open_archive(tmp_path / "archive") as members:
        names = []
        for member in members:
            names.append(member.name)
            if member.name == "top.txt":
                assert member.read() == FILES["top.txt"]
    assert names == list(FILES)


def test_an_archive_can_be_left_early(write: Any, tmp_path: Path) -> None:
    write(tmp_path / "archive", FILES)
    with open_archive(tmp_path / "archive") as members:
        assert next(members).read(10) == b'{"shapes":'
    assert list(members) == []


@pytest.mark.parametrize("kind", ["tgz", "zip", "rar5 stored", pytest.param("rar5 solid", marks=needs_tool)])
def test_little_of_an_archive_is_in_memory(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](tmp_path / "archive", {f"{i}.jpg": bytes(range(256)) * 2**11 for i in range(8)})
    tracemalloc.start()
    with open_archive(tmp_path / "archive") as members:
        read = sum(len(part) for member in members for part in iter(partial(member.read, 2**16), b""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == 2**22
    assert peak < 2**21


def without_end(path: Path, raw: bytes) -> set[str]:
    path.write_bytes(raw)
    try:
        return set(read_all(path))
    except ArchiveError as error:
        assert str(error).startswith(f"{path}: ")
        return {"refused"}


def test_a_cut_archive_is_refused_wherever_it_is_cut(write: Any, tmp_path: Path) -> None:
    write(tmp_path / "archive", FILES)
    raw = (tmp_path / "archive").read_bytes()
    if raw[257:262] == b"ustar":
        raw = raw[: raw.rindex(FILES["top.txt"]) + len(FILES["top.txt"])]  # what follows is padding
    for size in {1, 40, len(raw) // 3, len(raw) // 2, len(raw) - 9, len(raw) - 1}:
        assert without_end(tmp_path / "cut", raw[:size]) == {"refused"}


def test_an_old_rar_archive_ends_behind_a_block_alone(tmp_path: Path) -> None:
    WRITERS["rar4 stored"](tmp_path / "archive", {"a": b"1" * 50, "b": b"2" * 70})
    raw = (tmp_path / "archive").read_bytes()
    ends = [size for size in range(len(raw)) if without_end(tmp_path / "cut", raw[:size]) != {"refused"}]
    assert ends  # since it need not say that it ends
    assert all(after - before >= 7 for before, after in pairwise(ends))  # the size of the smallest block


@pytest.mark.parametrize("kind", ["tgz", "zip", "rar5 stored", "rar4 stored", pytest.param("rar5", marks=needs_tool)])
def test_a_changed_byte_in_the_content_is_found(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](tmp_path / "archive", FILES)
    raw = bytearray((tmp_path / "archive").read_bytes())
    raw[len(raw) // 2] ^= 0x55
    (tmp_path / "archive").write_bytes(raw)
    with pytest.raises(ArchiveError, match="is damaged"):
        read_all(tmp_path / "archive")


def test_a_tar_archive_without_its_end_is_refused(tmp_path: Path) -> None:
    # tarfile alone takes both for the end of the archive, and gives what came before.
    write_tar(tmp_path / "archive", FILES)
    raw = (tmp_path / "archive").read_bytes()
    last = raw.rindex(b"top.txt")
    (tmp_path / "archive").write_bytes(raw[:last])
    with pytest.raises(ArchiveError, match="archive: is damaged: it ends too early"):
        read_all(tmp_path / "archive")
    (tmp_path / "archive").write_bytes(raw[:last] + b"\xff" * 512 + raw[last + 512 :])
    with pytest.raises(ArchiveError, match="archive: is damaged: bad checksum"):
        read_all(tmp_path / "archive")


def test_what_follows_a_tar_archive_is_not_passed_over(tmp_path: Path) -> None:
    for write in (write_tar, write_gzipped_tar):
        write(tmp_path / "archive", FILES)
        raw = (tmp_path / "archive").read_bytes()
        (tmp_path / "archive").write_bytes(raw + raw)
        with pytest.raises(ArchiveError, match="something follows its end"):
            read_all(tmp_path / "archive")


def test_a_header_of_a_tar_archive_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "archive", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.jpg")
        info.pax_headers = {"comment": "x" * 2**21}
        archive.addfile(info, io.BytesIO())
    with pytest.raises(ArchiveError, match=r"a name or an extended header has 20971[0-9]{2} bytes"):
        read_all(tmp_path / "archive")


@pytest.mark.parametrize("head", [b"<!DOCTYPE html>", b"", b"\x1f"])
def test_what_is_no_archive_is_named_with_its_beginning(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "images.tgz").write_bytes(head)
    with pytest.raises(ArchiveError) as caught:
        read_all(tmp_path / "images.tgz")
    assert str(caught.value) == f"{tmp_path / 'images.tgz'}: is no tar, zip or RAR archive: it begins with {head!r}"


def test_gzip_without_tar_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "page.tgz").write_bytes(gzip.compress(b"<!DOCTYPE html>" * 100))
    with pytest.raises(ArchiveError, match=r"page\.tgz: is damaged: "):
        read_all(tmp_path / "page.tgz")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="nowhere: no such file"):
        read_all(tmp_path / "nowhere")
    with pytest.raises(ArchiveError, match="is not a file"):
        read_all(tmp_path)


@pytest.mark.parametrize("options", [{}, {"encrypt_headers": True}, {"format": "rar40"}])
def test_an_encrypted_rar_archive_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    builder = rars.RarBuilder(password="secret", **options)
    builder.add_bytes(b"content", "a.json")
    builder.write(str(tmp_path / "labels.rar"))
    with pytest.raises(
        ArchiveError, match=r"labels\.rar: is encrypted; unpack it yourself, and say where with --source"
    ):
        read_all(tmp_path / "labels.rar")


def test_an_encrypted_entry_of_a_zip_archive_is_refused(tmp_path: Path) -> None:
    write_zip(tmp_path / "archive", {"a.json": b"content"})
    raw = bytearray((tmp_path / "archive").read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.rindex(signature) + at] |= 1
    (tmp_path / "archive").write_bytes(raw)
    with pytest.raises(ArchiveError, match=r"entry a\.json is encrypted; unpack the archive yourself"):
        read_all(tmp_path / "archive")


def test_a_zip_archive_packed_in_another_way_is_refused(tmp_path: Path) -> None:
    write_zip(tmp_path / "archive", {"a.json": b"content"})
    raw = bytearray((tmp_path / "archive").read_bytes())
    for signature, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        raw[raw.rindex(signature) + at] = 97
    (tmp_path / "archive").write_bytes(raw)
    with pytest.raises(ArchiveError, match=r"entry a\.json is packed in a way that is not supported"):
        read_all(tmp_path / "archive")


def test_a_part_of_a_rar_archive_is_refused(tmp_path: Path) -> None:
    builder = rars.RarBuilder(store=True, volume_size=10_000)
    builder.add_bytes(FILES["labels/0/0_1.json"], "a.json")
    builder.write_volumes(str(tmp_path / "labels.part01.rar"))
    for part in sorted(tmp_path.iterdir()):
        with pytest.raises(ArchiveError, match=f"{part.name}: is one of several parts; unpack them yourself"):
            read_all(part)


def test_without_a_program_a_compressed_rar_archive_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WRITERS["rar5"](tmp_path / "labels.rar", FILES)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError) as caught:
        read_all(tmp_path / "labels.rar")
    assert str(caught.value) == (
        f"{tmp_path / 'labels.rar'}: is a compressed RAR archive, which takes one of unrar, unar, bsdtar, 7zz, 7z to "
        "unpack: install unar, for example, or unpack the archive yourself, and say where with --source"
    )


def test_without_a_program_a_stored_rar_archive_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    WRITERS["rar5 stored"](tmp_path / "labels.rar", FILES)
    assert read_all(tmp_path / "labels.rar") == FILES


@pytest.mark.parametrize(
    ("script", "fault"),
    [("exit 3", "unar gives 42000 bytes too few"), ("yes", "what unar gives has another checksum")],
)
def test_a_program_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, fault: str
) -> None:
    WRITERS["rar5"](tmp_path / "labels.rar", FILES)
    tool = tmp_path / "unar"
    tool.write_text(f"#!/bin/sh\nPATH={':'.join(str(Path(p).parent) for p in [shutil.which('yes') or ''])}\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ArchiveError) as caught:
        read_all(tmp_path / "labels.rar")
    assert str(caught.value) == (
        f"{tmp_path / 'labels.rar'}: entry labels/0/0_1.json is damaged: {fault}; get the archive again, try another "
        "program (unrar, unar), or unpack the archive yourself, and say where with --source"
    )


def test_the_tools_of_the_tests_are_those_of_the_message() -> None:
    from pixret.archives._rar import _TOOLS

    assert tuple(tool[0] for tool in _TOOLS) == TOOLS


def test_a_zip_archive_whose_entries_overlap_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("a", b"content of a")
        archive.writestr("b", b"content of b")
    raw = (tmp_path / "archive").read_bytes()
    first, second = raw.index(b"PK\x01\x02"), raw.rindex(b"PK\x01\x02")
    (tmp_path / "archive").write_bytes(raw[: second + 42] + raw[first + 42 : first + 46] + raw[second + 46 :])
    with pytest.raises(ArchiveError, match="entry b is damaged"):
        read_all(tmp_path / "archive")
