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
