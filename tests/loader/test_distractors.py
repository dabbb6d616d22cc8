"""The distractors R1M: a million images in a hundred archives, here some images in three."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from distractors import Distractors

from pixret.archives import ArchiveError
from pixret.loader import DistractorsManifest, InconsistentSourceError, PrepareError, prepare, prepare_distractors
from pixret.rawfiles import RawFileError
from pixret.repository import RepositoryError
from pixret.tables import list_prepared

DIE_AT_THE_THIRD_ARCHIVE = """
import os, sys
from pathlib import Path
from pixret.loader import prepare_distractors

def tell(doing, done, total):
    if doing.startswith("checking revisitop1m.3"):
        os.kill(os.getpid(), 9)
prepare_distractors(Path(sys.argv[1]), Path(sys.argv[2]), archives=3, on_progress=tell)
"""


def rows(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out / "r1m" / "corpus").to_pylist()


def test_every_archive_becomes_a_file_in_the_order_of_the_list(r1m: Distractors, out: Path) -> None:
    manifest = prepare_distractors(r1m.write(), out, archives=3)
    assert list(manifest.files) == [f"corpus/test-0000{i}-of-00003.parquet" for i in range(3)]
    assert [file.rows for file in manifest.files.values()] == [4, 4, 4]
    assert (manifest.listed, manifest.images, manifest.missing, manifest.unreadable) == (12, 12, (), {})
    contents = {name: content for files in r1m.archives.values() for name, content in files.items()}
    for index, row in enumerate(rows(out)):
        name = r1m.names[index]
        content = contents[f"{name}.jpg"]
        assert row == {
            "image_id": name,
            "image_index": index,
            "image": {"bytes": content, "path": f"{name[3:]}.jpg"},
            "width": 20 + index,
            "height": 10,
            "sha256": hashlib.sha256(content).hexdigest(),
            "id": name,
        }
    stored = (out / "r1m" / "distractors.json").read_bytes()
    assert msgspec.json.decode(stored, type=DistractorsManifest) == manifest
    assert [path.name for path in out.iterdir()] == ["r1m"]


def test_datasets_streams_them_as_images(r1m: Distractors, out: Path) -> None:
    import datasets

    prepare_distractors(r1m.write(), out, archives=3)
    files = {"test": str(out / "r1m" / "corpus" / "*.parquet")}
    streamed = datasets.load_dataset("parquet", data_files=files, split="test", streaming=True)
    assert [(row["image_index"], row["image"].size) for row in streamed] == [(i, (20 + i, 10)) for i in range(12)]


def test_distractors_are_no_benchmark_and_lie_beside_them(r1m: Distractors, raw: Any, out: Path) -> None:
    prepare_distractors(r1m.write(), out, archives=3)
    prepare("mini", raw.write(), out)
    assert list_prepared(out) == ("mini",)
    first = (out / "README.md").read_bytes()
    assert b"`r1m-corpus` | 12 |" in first
    prepare_distractors(r1m.root, out, archives=3)
    assert (out / "README.md").read_bytes() == first


def test_a_benchmark_that_is_there_is_described_anew(r1m: Distractors, raw: Any, out: Path) -> None:
    prepare("mini", raw.write(), out)
    assert "r1m" not in (out / "README.md").read_text()
    prepare_distractors(r1m.write(), out, archives=3)
    assert "`r1m-corpus` | 12 |" in (out / "README.md").read_text()


def test_a_card_of_somebody_else_is_never_overwritten(r1m: Distractors, out: Path) -> None:
    out.mkdir()
    (out / "README.md").write_text("mine")
    with pytest.raises(RepositoryError, match=r"README\.md: is not by pixret prepare"):
        prepare_distractors(r1m.write(), out, archives=3)
    assert [path.name for path in out.iterdir()] == ["README.md"]


def test_equal_archives_give_equal_files(r1m: Distractors, out: Path) -> None:
    first = prepare_distractors(r1m.write(), out, archives=3)
    os.utime(r1m.root / "revisitop1m.2.tar.gz", (1, 1))
    assert prepare_distractors(r1m.root, out, archives=3, jobs=1) == first


def test_archives_may_lie_in_jpg_and_their_entries_in_folders(r1m: Distractors, out: Path) -> None:
    source = r1m.write()
    r1m.pack(1, {f"./jpg/{name}": content for name, content in r1m.archives[1].items()})
    (source / "jpg").mkdir()
    for number in (1, 2):
        name = f"revisitop1m.{number}.tar.gz"
        (source / name).rename(source / "jpg" / name)
    assert prepare_distractors(source, out, archives=3).images == 12


def test_one_archive_at_a_time_is_unpacked(r1m: Distractors, out: Path) -> None:
    unpacked = []

    def count(doing: str, done: int, total: int) -> None:
        if doing.startswith("checking"):
            unpacked.append(len(list(out.rglob("*.jpg"))))

    prepare_distractors(r1m.write(), out, archives=3, on_progress=count)
    assert unpacked == [4] * 12


def test_a_killed_run_is_taken_up_behind_the_last_archive_that_was_done(r1m: Distractors, out: Path) -> None:
    command = [sys.executable, "-c", DIE_AT_THE_THIRD_ARCHIVE, str(r1m.write()), str(out)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not (out / "r1m").exists()
    doings: list[str] = []
    resumed = prepare_distractors(r1m.root, out, archives=3, on_progress=lambda doing, *_: doings.append(doing))
    assert {doing for doing in doings if doing.startswith("checking")} == {"checking revisitop1m.3.tar.gz"}
    assert prepare_distractors(r1m.root, out.parent / "whole", archives=3) == resumed
    assert [path.name for path in out.iterdir()] == ["r1m"]


@pytest.mark.parametrize("note", [b"{", b'{"size": "\xff"}', b"[" * 100_000], ids=["cut", "no text", "deep"])
def test_an_archive_with_a_damaged_note_is_read_anew(r1m: Distractors, out: Path, note: bytes) -> None:
    done = out / ".r1m.shards" / "revisitop1m.2.tar.gz"
    done.mkdir(parents=True)
    (done / "record.json").write_bytes(note)
    assert prepare_distractors(r1m.write(), out, archives=3, jobs=1).images == len(r1m.names)


def test_an_archive_that_changed_meanwhile_is_read_anew(r1m: Distractors, out: Path, draw: Any) -> None:
    r1m.archives[3]["0c/05.jpg"] = b"broken"
    with pytest.raises(InconsistentSourceError):
        prepare_distractors(r1m.write(), out, archives=3)
    r1m.archives[1]["ab/00.jpg"] = draw("new", (7, 7))
    r1m.archives[3]["0c/05.jpg"] = draw("whole", (8, 8))
    prepare_distractors(r1m.write(), out, archives=3)
    assert (rows(out)[0]["width"], rows(out)[11]["width"]) == (7, 8)


def test_archives_are_read_anew_once_the_list_changes(r1m: Distractors, out: Path) -> None:
    (r1m.write() / "revisitop1m.3.tar.gz").write_bytes(b"broken")
    with pytest.raises(ArchiveError):
        prepare_distractors(r1m.root, out, archives=3)
    times = [(number, (r1m.root / f"revisitop1m.{number}.tar.gz").stat()) for number in (1, 2)]
    r1m.names.reverse()
    r1m.write()
    for number, stat in times:  # which are as they were
        os.utime(r1m.root / f"revisitop1m.{number}.tar.gz", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    prepare_distractors(r1m.root, out, archives=3)
    assert {row["id"]: row["image_index"] for row in rows(out)} == {name: i for i, name in enumerate(r1m.names)}


def test_what_an_earlier_run_allowed_is_refused_where_it_is_not(r1m: Distractors, out: Path) -> None:
    source = r1m.write()
    r1m.pack(2, r1m.archives[2] | {"ab/05.jpg": b""})
    (source / "revisitop1m.3.tar.gz").write_bytes(b"broken")
    with pytest.raises(ArchiveError):
        prepare_distractors(source, out, archives=3, allow_missing=True)
    r1m.pack(3, r1m.archives[3])
    with pytest.raises(InconsistentSourceError, match=r"image ab/05: .* is empty"):
        prepare_distractors(source, out, archives=3)


@pytest.mark.parametrize("files", [{}, {"ab/other.jpg": b"of no list"}], ids=["empty", "of another list"])
@pytest.mark.parametrize("allow_missing", [False, True])
def test_an_archive_without_an_image_of_the_list_is_named(
    r1m: Distractors, out: Path, files: dict[str, bytes], allow_missing: bool
) -> None:
    source = r1m.write()
    r1m.pack(2, files)
    with pytest.raises(PrepareError, match=r"revisitop1m\.2\.tar\.gz: holds no image of the list; get it again, or"):
        prepare_distractors(source, out, archives=3, allow_missing=allow_missing)


def test_images_that_cannot_be_decoded_are_named(r1m: Distractors, out: Path) -> None:
    r1m.archives[2]["ab/05.jpg"] = b""
    source = r1m.write()
    with pytest.raises(InconsistentSourceError) as caught:
        prepare_distractors(source, out, archives=3)
    archive = source / "revisitop1m.2.tar.gz"
    assert str(caught.value) == f"{archive}: 1 problem\n  image ab/05: ab/05.jpg in {archive} is empty"
    manifest = prepare_distractors(source, out, archives=3, allow_missing=True)
    assert manifest.unreadable == {"ab/05": "is empty"}
    assert (rows(out)[5]["image"], rows(out)[5]["image_index"], rows(out)[5]["sha256"]) == (None, 5, None)


def test_what_was_unpacked_of_a_refused_archive_is_removed(r1m: Distractors, out: Path) -> None:
    r1m.archives[2]["ab/05.jpg"] = b""
    with pytest.raises(InconsistentSourceError):
        prepare_distractors(r1m.write(), out, archives=3)
    assert [path.name for path in (out / ".r1m.shards").iterdir()] == ["revisitop1m.1.tar.gz"]
    assert not list(out.rglob("*.jpg"))


def test_images_in_no_archive_are_named(r1m: Distractors, out: Path) -> None:
    del r1m.archives[2]["0c/01.jpg"]
    with pytest.raises(InconsistentSourceError, match=r"image 0c/01 is in revisitop1m\.txt, and in none of the arch"):
        prepare_distractors(r1m.write(), out, archives=3)
    manifest = prepare_distractors(r1m.root, out, archives=3, allow_missing=True)
    assert (manifest.missing, manifest.images) == (("0c/01",), 11)
    assert [row["image_index"] for row in rows(out)] == [*range(7), *range(8, 12)]


def test_missing_archives_are_named(r1m: Distractors, out: Path) -> None:
    source = r1m.write()
    with pytest.raises(PrepareError) as caught:
        prepare_distractors(source, out)
    names = ", ".join(f"revisitop1m.{number}.tar.gz" for number in range(4, 9))
    assert str(caught.value) == (
        f"{source}: holds none of the archives {names} and 92 more; get them, or allow missing ones when you have some"
    )
    assert prepare_distractors(source, out, allow_missing=True).images == 12
    for archive in source.glob("*.gz"):
        archive.unlink()
    with pytest.raises(PrepareError, match="holds none of the archives"):
        prepare_distractors(source, out, allow_missing=True)


def test_an_image_in_two_archives_is_refused(r1m: Distractors, out: Path) -> None:
    r1m.archives[3]["ab/00.jpg"] = r1m.archives[1]["ab/00.jpg"]
    with pytest.raises(InconsistentSourceError) as caught:
        prepare_distractors(r1m.write(), out, archives=3)
    assert str(caught.value.problems[0]) == (
        "the image of line 1 of revisitop1m.txt is in revisitop1m.1.tar.gz and revisitop1m.3.tar.gz; keep one of them"
    )


def test_a_damaged_archive_is_named(r1m: Distractors, out: Path) -> None:
    source = r1m.write()
    archive = source / "revisitop1m.2.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-20])
    with pytest.raises(ArchiveError, match=r"revisitop1m\.2\.tar\.gz"):
        prepare_distractors(source, out, archives=3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "names no image"),
        (b"a/b.jpg\n\nc.jpg\n", "line 2 is '', not the path of an image"),
        (b"a/b.jpg\n./\n", "line 2 is './', not the path of an image"),
        (b"/\n", "line 1 is '/', not the path of an image"),
        (b"a/b.jpg\na/b.png\n", "line 2 names a/b, and so does line 1"),
        (b"\x89PNG\xff\n", "line 1 is '.*', not the path of an image"),
    ],
)
def test_a_list_at_fault_is_named(r1m: Distractors, out: Path, content: bytes, message: str) -> None:
    source = r1m.write()
    (source / "revisitop1m.txt").write_bytes(content)
    with pytest.raises(PrepareError, match=rf"revisitop1m\.txt: {message}"):
        prepare_distractors(source, out, archives=3)
    (source / "revisitop1m.txt").unlink()
    with pytest.raises(RawFileError, match=r"revisitop1m\.txt: no such file"):
        prepare_distractors(source, out, archives=3)
    assert not out.exists()
