"""What happens without FiftyOne; with it, `make test-fiftyone` tests the view."""

import sys
from pathlib import Path

import pytest

from pixret.views import ViewError, to_fiftyone


def test_without_fiftyone_it_says_what_to_install(
    image_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fiftyone", None)
    with pytest.raises(ViewError, match=r"FiftyOne is not installed; pip install 'pixret\[fiftyone\]' brings it"):
        to_fiftyone(image_tables, media=tmp_path)
    assert list(tmp_path.iterdir()) == []
