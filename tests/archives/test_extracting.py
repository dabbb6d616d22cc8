"""Unpacking into a folder that appears in one step."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from packing import FILES, contents, write_tar

from pixret.archives import ArchiveError, extract

DIE_AT_THE_SECOND_FILE = """
import os, signal, sys
from pathlib import Path
from pixret.archives import extract
opened = 0
def die(event, arguments):
    global opened
    if event == "open" and ".out.partial" in str(arguments[0]) and (opened := opened + 1) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(die)
extract(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_kind_is_unpacked(write: Any, tmp_path: Path) -> None:
    write(tmp_path / "archive", FILES)
    extract(tmp_path / "archive", tmp_path / "deep" / "out")
    assert contents(tmp_path / "deep" / "out") == FILES


def test_a_killed_run_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", FILES)
    command = [sys.executable, "-c", DIE_AT_THE_SECOND_FILE, str(tmp_path / "archive"), str(tmp_path / "out")]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    assert {".out.partial", "archive"} <= set(names(tmp_path))
    assert not (tmp_path / "out").exists()
    extract(tmp_path / "archive", tmp_path / "out")
    assert contents(tmp_path / "out") == FILES
    assert ".out.partial" not in names(tmp_path)


def test_a_refused_archive_leaves_nothing(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", {**FILES, "../outside": b"content"})
    with pytest.raises(ArchiveError, match="climbs out of its folder"):
        extract(tmp_path / "archive", tmp_path / "deep" / "out")
    assert not {"out", ".out.partial", "outside"} & {path.name for path in tmp_path.rglob("*")}


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", FILES)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(ArchiveError, match=r"archive: cannot be unpacked to .*out, which exists; remove it"):
        extract(tmp_path / "archive", tmp_path / "out")
    assert names(tmp_path / "out") == ["mine"]


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", FILES)
    (tmp_path / ".out.partial").mkdir()
    with (
        FileLock(tmp_path / ".out.lock"),
        pytest.raises(ArchiveError, match=r"is being unpacked to .*out by another run; wait for it"),
    ):
        extract(tmp_path / "archive", tmp_path / "out")
    assert (tmp_path / ".out.partial").is_dir()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write_tar(tmp_path / "archive", {"a" * 300: b""})
    with pytest.raises(ArchiveError, match=r"archive: cannot be unpacked to .*out: .*File name too long"):
        extract(tmp_path / "archive", tmp_path / "out")
