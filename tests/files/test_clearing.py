"""A folder that is gone in the end, however the block ends."""

from pathlib import Path

import pytest

from pixret.files import cleared


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that a killed run left, with a folder in it."""
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    return tmp_path / "folder"


def test_the_block_finds_nothing_and_leaves_nothing(folder: Path) -> None:
    with cleared(folder):
        assert not folder.exists()
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "file").touch()
    assert list(folder.parent.iterdir()) == []


def fill(folder: Path, error: type[BaseException]) -> None:
    folder.mkdir()
    raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_nothing(folder: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), cleared(folder):
        fill(folder, error)
    assert list(folder.parent.iterdir()) == []


def test_what_the_block_renames_stays(folder: Path) -> None:
    with cleared(folder):
        folder.mkdir()
        folder.rename(folder.with_name("whole"))
    assert [path.name for path in folder.parent.iterdir()] == ["whole"]
