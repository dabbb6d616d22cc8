"""The command line in this process, prepared tables, and a server of its own process."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from pixret.cli import main
from pixret.loader import prepare
from pixret.metrics import Accumulator, report_bytes
from pixret.submissions import open_submission
from pixret.tables import read_ground_truth

SOURCE = "pixel_retrieval_benchmarks"


@dataclass
class Finished:
    """How a command ended: exit code, and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def pixret(monkeypatch, capsys):
    """Run a command as a shell would."""

    def run(*arguments):
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["pixret", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        return Finished(caught.value.code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def data(mini_folder, tmp_path_factory):
    """A folder with the prepared tables of mini."""
    folder = tmp_path_factory.mktemp("data")
    prepare("mini", mini_folder / SOURCE, folder, annotations_only=True, jobs=1)
    return folder


@pytest.fixture(scope="session")
def reports(mini_folder, data, tmp_path_factory):
    """Reports of mini's submissions, by quality."""
    folder = tmp_path_factory.mktemp("reports")
    for name in ("good", "noisy"):
        accumulator = Accumulator(read_ground_truth(data))
        accumulator.add(open_submission(mini_folder / "submissions" / f"{name}.jsonl"))
        (folder / f"{name}.json").write_bytes(report_bytes(accumulator))
    return folder


@contextmanager
def serving(*folders, options=()):
    """``pixret serve`` in a process of its own; yields it with its address."""
    options = [*map(str, options), *(part for folder in folders for part in ("--data", str(folder)))]
    command = [sys.executable, "-m", "pixret.cli", "serve", *options, "--listen", "127.0.0.1:0", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.kill()


@pytest.fixture(scope="session")
def address(data):
    with serving(data) as (_, address):
        yield address


@pytest.fixture
def serve():
    return serving
