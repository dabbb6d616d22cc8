"""Fixtures that every part of the suite shares."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from hub import Hub
    from postgres import Postgres

    from pixret.synth import MiniSummary

settings.register_profile("pixret", deadline=None)  # how long an example takes is a matter of the machine's load
settings.load_profile("pixret")

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


@pytest.fixture(scope="session")
def postgres() -> "Iterator[Postgres]":
    """A PostgreSQL server of this run's own."""
    from postgres import Postgres, find_binaries

    if (binaries := find_binaries()) is None:
        pytest.skip("no PostgreSQL on this machine; Debian's package postgresql has it")
    server = Postgres(binaries)
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new state for sessions, in each kind of database, as ``pixret serve --state`` takes it."""
    if request.param == "sqlite":
        return str(tmp_path / "state")
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def plain_tables(mini_summary: "MiniSummary", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared tables of mini without images, which tests leave as they are."""
    from pixret.loader import prepare

    folder = tmp_path_factory.mktemp("plain")
    prepare("mini", mini_summary.source, folder, annotations_only=True, jobs=1)
    return folder


@pytest.fixture(scope="session")
def image_tables(mini_summary: "MiniSummary", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared tables of mini with its drawn images, which tests leave as they are."""
    from pixret.loader import prepare

    folder = tmp_path_factory.mktemp("illustrated")
    prepare("mini", mini_summary.source, folder, jobs=1)
    return folder


@pytest.fixture
def with_distractors(image_tables: Path, tmp_path: Path) -> Path:
    """Prepared tables of mini, and the distractors beside them, of three archives."""
    from distractors import Distractors

    from pixret.loader import prepare_distractors

    folder = tmp_path / "with-distractors"
    shutil.copytree(image_tables, folder)
    prepare_distractors(Distractors(tmp_path / "revisitop1m").write(), folder, archives=3, jobs=1)
    return folder


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> "Iterator[Hub]":
    """A stand-in for the Hugging Face Hub, at which huggingface_hub is pointed."""
    from hub import running_hub

    # Files would else go by Xet, a protocol of its own with a server of its own.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", "/nonexistent/token")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with running_hub() as server:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.endpoint)
        pages = f"{server.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", pages)
        yield server
