from collections.abc import Iterator
from pathlib import Path

import pytest
from mirror import Mirror, running_mirror

from pixret.downloads import Patience, Whereabouts

QUICK = Patience(attempts=3, connect=5, read=0.3, rate=1000, rate_window=0.2, first_wait=0.001, longest_wait=0.01)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with running_mirror() as running:
        yield running


@pytest.fixture
def where(tmp_path: Path) -> Whereabouts:
    return Whereabouts(cache=tmp_path / "cache", patience=QUICK)
