"""Prepared tables appear in one step, or not at all."""

import fcntl
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixret.loader import InconsistentSourceError, PrepareError, prepare
from pixret.loader._publish import publish_folder
from pixret.repository import DESCRIPTIONS, RepositoryError, list_files
from pixret.tables import list_prepared, read_ground_truth, read_manifest

READ_WITH_WORKERS = """
import sys
from pathlib import Path
from pixret.loader import prepare

if __name__ == "__main__":
    def tell(doing, done, total):
        print(done, flush=True)
    prepare("proxford", Path(sys.argv[1]), Path(sys.argv[2]), annotations_only=True, jobs=2, on_progress=tell)
    print("prepared", flush=True)
"""
STOP_WHILE_WRITING_IMAGES = """
import sys, time
from pathlib import Path
from pixret.loader import prepare

def tell(doing, done, total):
    if doing == "writing images":
        print(doing, flush=True)
        time.sleep(100)
prepare("mini", Path(sys.argv[1]), Path(sys.argv[2]), images=[Path(sys.argv[3])], on_progress=tell)
"""
DIE_AT_A_RENAME = """
import os, sys
from pathlib import Path
from pixret.loader import prepare

renames = int(sys.argv[3])
rename = Path.rename

def counted(self, target):
    global renames
    renames -= self.is_dir()
    if renames < 0:
        os.kill(os.getpid(), 9)
    return rename(self, target)

Path.rename = counted
prepare("mini", Path(sys.argv[1]), Path(sys.argv[2]))
"""


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.name not in DESCRIPTIONS)


def processes_of_session(session: int) -> list[str]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def test_a_killed_run_leaves_nothing_that_looks_whole_and_no_process(golden: Path, out: Path) -> None:
    source = golden / "roxford_small_s1" / "pixel_retrieval_benchmarks"
    command = [sys.executable, "-c", READ_WITH_WORKERS, str(source), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline().strip() == b"1"
        run.send_signal(signal.SIGKILL)
        assert run.wait(10) == -signal.SIGKILL
    assert list_prepared(out) == ()
    assert names(out) == [".proxford.lock", ".proxford.partial"]
    deadline = time.monotonic() + 20
    while processes_of_session(run.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of_session(run.pid) == []
    prepare("proxford", source, out, annotations_only=True, jobs=1)
    assert names(out) == ["proxford"]
    assert len(read_ground_truth(out).pairs) == 1022


def test_a_run_killed_while_it_has_images_in_hand_leaves_nothing_that_looks_whole(raw: Any, out: Path) -> None:
    source = raw.write()
    archive = out.parent / "images.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in raw.images.items():
            packed.writestr(name, content)
    command = [sys.executable, "-c", STOP_WHILE_WRITING_IMAGES, str(source), str(out), str(archive)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        assert run.stdout.readline().strip() == b"writing images"
        run.kill()
    assert list_prepared(out) == ()
    assert names(out) == [".mini.lock", ".mini.partial"]
    assert len([path for path in out.rglob("*.jpg") if path.is_file()]) == 10
    prepare("mini", source, out, images=[archive])
    assert names(out) == ["mini"]
    assert list(out.rglob("*.jpg")) == []


@pytest.mark.parametrize("renames", [0, 1])
def test_a_run_killed_while_it_replaces_loses_nothing(raw: Any, out: Path, renames: int) -> None:
    before = prepare("mini", raw.write(), out)
    raw.label("0_0")["shapes"][0]["points"][0][0] += 1
    command = [sys.executable, "-c", DIE_AT_A_RENAME, str(raw.write()), str(out), str(renames)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert list_prepared(out) == (("mini",) if renames == 0 else ())
    raw.pair_map["0_4"] = "a.json"
    with pytest.raises(InconsistentSourceError):
        prepare("mini", raw.write(), out)
    assert read_manifest(out) == before
    raw.pair_map.pop("0_4")
    after = prepare("mini", raw.write(), out)
    assert after.ground_truth != before.ground_truth
    assert read_ground_truth(out).digest == after.ground_truth
    assert names(out) == ["mini"]


def test_prepared_tables_are_replaced(raw: Any, out: Path) -> None:
    first = prepare("mini", raw.write(), out)
    raw.label("0_0")["shapes"][0]["points"][0][0] += 1
    second = prepare("mini", raw.write(), out)
    assert first.ground_truth != second.ground_truth == read_manifest(out).ground_truth
    assert names(out) == ["mini"]


def test_a_failed_run_leaves_the_tables_as_they_were(raw: Any, out: Path) -> None:
    before = prepare("mini", raw.write(), out)
    raw.pair_map.pop("0_0")
    with pytest.raises(InconsistentSourceError):
        prepare("mini", raw.write(), out)
    assert read_ground_truth(out).digest == before.ground_truth
    assert names(out) == ["mini"]


def test_damaged_tables_are_replaced(raw: Any, out: Path) -> None:
    prepare("mini", raw.write(), out)
    (out / "mini" / "pairs" / "test-00000-of-00001.parquet").unlink()
    manifest = out / "mini" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("pixret.manifest/2", "pixret.manifest/0"))
    prepare("mini", raw.write(), out)
    read_ground_truth(out)


def note(folder: Path) -> None:
    (folder / "queries").mkdir(parents=True)
    (folder / "queries" / "notes.txt").write_text("mine")


def other_manifest(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"benchmark": "prparis"}')


def broken_manifest(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(b'{"benchmark": "\xff"}')


def tables_without_manifest(folder: Path) -> None:
    (folder / "pairs").mkdir(parents=True)
    (folder / "pairs" / "test-00000-of-00001.parquet").write_bytes(b"mine")


def file(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("mine")


def link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(parents=True)
    folder.symlink_to("elsewhere")


def dangling_link(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("put", "detail"),
    [
        (note, r"holds queries/notes\.txt, which prepare did not write; remove it, or choose another place"),
        (other_manifest, "is no prepared mini; remove it"),
        (broken_manifest, "is no prepared mini; remove it"),
        (tables_without_manifest, "is no prepared mini; remove it"),
        (file, "is no folder; remove it"),
        (link, "is no folder; remove it"),
        (dangling_link, "is no folder; remove it"),
    ],
)
def test_what_prepare_did_not_write_stays(raw: Any, out: Path, put: Callable[[Path], None], detail: str) -> None:
    put(out / "mini")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(PrepareError, match=detail):
        prepare("mini", raw.write(), out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_an_empty_folder_is_taken(raw: Any, out: Path) -> None:
    (out / "mini").mkdir(parents=True)
    prepare("mini", raw.write(), out)
    read_ground_truth(out)


def test_other_benchmarks_beside_it_stay(raw: Any, out: Path) -> None:
    (out / "proxford").mkdir(parents=True)
    (out / "proxford" / "mine").write_text("mine")
    prepare("mini", raw.write(), out)
    assert (out / "proxford" / "mine").read_text() == "mine"


@pytest.mark.parametrize("place", [".", "corpus", "new/folder"])
def test_nothing_is_written_into_the_tables_of_a_benchmark(raw: Any, out: Path, place: str) -> None:
    prepare("mini", raw.write(), out)
    before = sorted(out.rglob("*"))
    with pytest.raises(PrepareError, match=rf": lies in {out / 'mini'}, the tables of one benchmark; choose another"):
        prepare("mini", raw.write(), out / "mini" / place)
    assert sorted(out.rglob("*")) == before


def test_a_place_whose_name_is_no_text_is_refused(raw: Any, tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"\xe9")
    with pytest.raises(PrepareError, match=r"/\\udce9': has a name that is not in UTF-8; choose another place"):
        prepare("mini", raw.write(), place)
    assert not place.exists()


def test_a_benchmark_of_another_version_beside_it_is_named_before_anything_is_written(raw: Any, out: Path) -> None:
    (out / "prrome").mkdir(parents=True)
    (out / "prrome" / "manifest.json").write_text('{"benchmark": "prrome"}')
    with pytest.raises(RepositoryError) as caught:
        prepare("mini", raw.write(), out)
    detail = "there is no benchmark prrome in this version of pixret; move it away, or use the version that wrote it"
    assert str(caught.value) == f"{out / 'prrome'}: {detail}"
    assert names(out) == ["prrome"]
    with pytest.raises(RepositoryError, match="there is no benchmark prrome"):
        list_files(out)


def test_a_manifest_of_something_else_is_in_nobodys_way(raw: Any, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"benchmark": "mini", "name": "a page"}')
    prepare("mini", raw.write(), tmp_path / "out")
    read_ground_truth(tmp_path / "out")


def test_a_second_run_at_the_same_time_is_refused(raw: Any, out: Path) -> None:
    source = raw.write()
    with publish_folder(out, "mini"):
        with pytest.raises(PrepareError, match="another run is preparing the same benchmark here"):
            prepare("mini", source, out)
        (out / ".mini.partial" / "manifest.json").write_text("{}")
    assert names(out) == ["mini"]


def test_a_lock_that_was_removed_while_waiting_for_it_does_not_count(
    raw: Any, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, removed = fcntl.flock, []

    def remove_once(descriptor: int, operation: int) -> None:
        if not removed:
            removed.append(True)
            (out / ".mini.lock").unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_once)
    prepare("mini", raw.write(), out)
    assert names(out) == ["mini"]


def test_an_unwritable_place_is_named(raw: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PrepareError, match="cannot be written"):
        prepare("mini", raw.write(), tmp_path / "file" / "out")


def test_a_script_without_the_guard_that_workers_need_is_told(golden: Path, tmp_path: Path, out: Path) -> None:
    source = golden / "roxford_small_s1" / "pixel_retrieval_benchmarks"
    script = tmp_path / "script.py"
    script.write_text(READ_WITH_WORKERS.replace('if __name__ == "__main__":', "if True:"))
    command = [sys.executable, str(script), str(source), str(out)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    last = run.stderr.splitlines()[-1]
    assert "a worker process died while it read labels or images" in last
    assert "no guard, if __name__ == '__main__'; jobs=1 reads them without workers" in last
    assert names(out) == []
