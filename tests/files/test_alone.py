"""One writer at a time in a folder."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from pixret.files import alone_in, write_whole


def add_one(counter: Path) -> None:
    for _ in range(50):
        with alone_in(counter.parent):
            write_whole(counter, str(int(counter.read_text()) + 1).encode())


def test_no_writer_misses_what_another_wrote(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    with ProcessPoolExecutor(4, get_context("forkserver")) as pool:
        list(pool.map(add_one, [counter] * 4))
    assert counter.read_text() == "200"
    assert list(tmp_path.iterdir()) == [counter]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"), alone_in(tmp_path / "nowhere"):
        pass
