"""Fixtures that every part of the suite shares."""

import os
from pathlib import Path

import pytest

_SHARED = Path(os.environ.get("PIXRET_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the authors' ground truth and golden results, which the project does not ship."""
    if not (_SHARED / "golden").is_dir():
        pytest.skip("no shared/ folder with golden cases beside the checkout (PIXRET_SHARED names another place)")
    return _SHARED


@pytest.fixture(scope="session")
def mini_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``pixret synth`` makes, once for all tests, which leave it as it is: drawing takes seconds."""
    from pixret.synth import write_mini

    folder = tmp_path_factory.mktemp("mini")
    write_mini(folder)
    return folder
