"""A file written in one step: the former one or the new one, and nothing beside it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import closed, files_ending_at

from pixret.files import write_whole

OLD, NEW = b"old" * 1000, b"new" * 2000
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) <= 255
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with content, alone in its folder."""
    (tmp_path / "file").write_bytes(OLD)
    return tmp_path / "file"


def found(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=50)
@given(name=NAMES | st.just("n" * 255) | st.just("é" * 127), former=st.none() | st.binary(), content=st.binary())
def test_the_new_file_stands_alone_under_any_name(name: str, former: bytes | None, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        if former is not None:
            path.write_bytes(former)
        write_whole(path, content)
        assert found(Path(folder)) == {name: content}


@contextmanager
def interrupted_at(line: int) -> Iterator[None]:
    """Interrupt whatever runs in the block, down to the library, when it comes to its n-th line, as Ctrl-C would."""
    left = line

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left == 0 and event == "line":
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def interrupt_everywhere(path: Path, former: bytes | None) -> int:
    """Write from the start with an interruption at each line in turn; say how many there were until one was not met."""
    line = 0
    while True:
        line += 1
        path.unlink(missing_ok=True)
        if former is not None:
            path.write_bytes(former)
        try:
            with interrupted_at(line):
                write_whole(path, NEW)
        except KeyboardInterrupt:
            before = {} if former is None else {path.name: former}
            assert found(path.parent) in (before, {path.name: NEW})
        else:
            return line - 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an interrupted `with` does not close
@pytest.mark.parametrize("former", [None, OLD])
def test_wherever_it_is_interrupted_there_is_the_former_file_or_the_new_one(path: Path, former: bytes | None) -> None:
    assert interrupt_everywhere(path, former) > 10
    assert found(path.parent) == {"file": NEW}


def test_a_killed_writer_leaves_the_former_file_and_is_in_nobodys_way(path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from pixret.files import write_whole
sys.addaudithook(lambda event, _: event == "os.rename" and os.kill(os.getpid(), signal.SIGKILL))
write_whole(Path(sys.argv[1]), b"killed")
"""
    done = subprocess.run([sys.executable, "-c", script, path], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == OLD
    (left,) = found(path.parent).keys() - {"file"}
    assert left.startswith(".file.")
    write_whole(path, NEW)
    assert path.read_bytes() == NEW


def test_writers_at_once_do_not_mix_and_readers_see_one_of_them_whole(path: Path) -> None:
    contents = [bytes([writer]) * 100_000 for writer in range(4)]
    with ThreadPoolExecutor(len(contents)) as threads:
        writing = [threads.submit(lambda own=own: [write_whole(path, own) for _ in range(20)]) for own in contents]
        while not all(each.done() for each in writing):
            assert path.read_bytes() in (OLD, *contents)
    assert [each.exception() for each in wait(writing).done] == [None] * len(contents)
    assert found(path.parent).keys() == {"file"}
    assert path.read_bytes() in contents


def test_the_content_is_on_the_disk_before_it_gets_its_name(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine; Debian's package strace has it")
    script = "import pathlib, sys, pixret.files as f; f.write_whole(pathlib.Path(sys.argv[1]), b'a')"
    trace = tmp_path / "trace"
    command = ["strace", "--trace=write,fsync,/^rename", f"--output={trace}", sys.executable, "-c", script]
    subprocess.run([*command, tmp_path / "file"], check=True, timeout=60)
    calls = [line.partition("(")[0] for line in trace.read_text().splitlines() if "(" in line]
    assert calls[-3:] == ["write", "fsync", "rename"]


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize(("wanted", "given_mode"), [({}, 0o640), ({"mode": 0o600}, 0o600), ({"mode": 0o777}, 0o750)])
def test_the_mode_is_what_the_umask_leaves_of_it_whatever_the_former_file_had(
    path: Path, umask: None, wanted: Any, given_mode: int
) -> None:
    path.chmod(0o604)
    write_whole(path, NEW, **wanted)
    assert stat.S_IMODE(path.stat().st_mode) == given_mode


def test_a_link_is_replaced_and_what_it_names_is_left(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    write_whole(link, NEW)
    assert not link.is_symlink()
    assert found(path.parent) == {"file": OLD, "link": NEW}


def test_a_full_disk_leaves_the_former_file_and_names_it(path: Path) -> None:
    with files_ending_at(len(NEW) - 1), pytest.raises(OSError, match=rf"File too large: '{path}'$"):
        write_whole(path, NEW)
    assert found(path.parent) == {"file": OLD}


def test_a_folder_that_is_closed_leaves_the_former_file_and_names_it() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(OLD)
        with closed(Path(folder)), pytest.raises(PermissionError, match=rf"Permission denied: '{path}'$"):
            write_whole(path, NEW)
        assert found(Path(folder)) == {"file": OLD}


def test_a_folder_that_is_not_there_and_one_that_is_a_file_are_named(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: '.*/nowhere/new'$"):
        write_whole(path.parent / "nowhere" / "new", NEW)
    with pytest.raises(NotADirectoryError, match=r"Not a directory: '.*/file/new'$"):
        write_whole(path / "new", NEW)
    with pytest.raises(OSError, match=r"File name too long: '.*/n+'$"):
        write_whole(path.with_name("n" * 256), NEW)
    assert found(path.parent) == {"file": OLD}


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "there")
    kind = (tmp_path / "there").stat().st_mode
    with pytest.raises(FileExistsError, match=r"Is there, and is no regular file; name another: '.*/there'$"):
        write_whole(tmp_path / "there", NEW)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").stat().st_mode == kind
