"""Fixtures that every part of the suite shares."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pixret.synth import MiniSummary

_SHARED = Path(os.environ.get("PIXRET_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the authors' ground truth and golden results, which the project does not ship."""
    if not (_SHARED / "golden").is_dir():
        pytest.skip("no shared/ folder with golden cases beside the checkout (PIXRET_SHARED names another place)")
    return _SHARED


@pytest.fixture(scope="session")
def mini_summary(tmp_path_factory: pytest.TempPathFactory) -> "MiniSummary":
    """What ``pixret synth`` makes, once for all tests, which leave it as it is: drawing takes seconds."""
    from pixret.synth import write_mini

    return write_mini(tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="session")
def mini_folder(mini_summary: "MiniSummary") -> Path:
    """The folder of `mini_summary`."""
    return mini_summary.out
