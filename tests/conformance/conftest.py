"""Servers of their own process, and the matrix of clients and scenarios."""

import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from jobs import Driver
from kits import KITS, is_required
from prepared import write_tables
from serving import small_truth
from xdist.scheduler import LoadScopeScheduling


def pytest_addoption(parser):
    parser.addoption("--matrix", type=Path, help="write the matrix of clients and scenarios to this Markdown file")


def pytest_configure(config):
    if config.getoption("--matrix") is not None and not hasattr(config, "workerinput"):  # not one of xdist
        config.pluginmanager.register(Matrix(config.getoption("--matrix")))


def pytest_xdist_make_scheduler(config, log):
    return ByClient(config, log)


class ByClient(LoadScopeScheduling):
    """Gives all tests of a client to one process; the groups of pytest-xdist are void with pytest 9.2."""

    def _split_scope(self, nodeid):
        client = re.search(r"\[(\w+)", nodeid)
        return client[1] if client is not None else super()._split_scope(nodeid)


class Matrix:
    """What every client made of every scenario."""

    def __init__(self, path):
        self._path = path
        self._cells = {}

    def pytest_runtest_logreport(self, report):
        found = re.fullmatch(r"(.*)::test_(\w+)\[(.+)\]", report.nodeid)
        if found is None or (report.when != "call" and report.passed):
            return
        client, *variant = found[3].split("-")
        scenario = variant if found[2] == "scenario" else [found[2], *variant]
        row = found[1], ", ".join(scenario).replace("_", " ")
        self._cells.setdefault(row, {})[client] = report.outcome

    def pytest_sessionfinish(self):
        clients = list(KITS)
        lines = ["# Conformance", "", _INTRODUCTION, "", f"| scenario | {' | '.join(clients)} |"]
        lines.append("| --- |" + " --- |" * len(clients))
        for (_, scenario), outcomes in sorted(self._cells.items()):  # clients are driven side by side, in any order
            lines.append(f"| {scenario} | {' | '.join(outcomes.get(client, 'missing') for client in clients)} |")
        self._path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.write_line(self._path.read_text(encoding="utf-8"))


_INTRODUCTION = """\
What each client makes of each scenario, against real servers: `passed` means the report of scoring locally, byte for
byte, and the very rejections. `make conformance` runs them all and writes this page anew;
[tests/conformance](../tests/conformance/README.md) describes the scenarios, and what a client brings to be tested."""


@dataclass
class ServerProcess:
    """A ``pixret serve`` and where it listens."""

    process: subprocess.Popen
    address: str


@contextmanager
def running_serve(*options, listen="127.0.0.1:0"):
    command = [sys.executable, "-m", "pixret.cli", "serve", "--listen", listen, "--workers", "1", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield ServerProcess(process, process.stdout.readline().removeprefix("listening on ").strip())
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Prepared tables of the small benchmark."""
    data, truth = tmp_path_factory.mktemp("data"), small_truth()
    write_tables(data, truth, [(0.0, 0.0, 10.0, 20.0)] * len(truth.query_ids))
    return data


@pytest.fixture(scope="session")
def address(prepared):
    with running_serve("--data", prepared) as server:
        yield server.address


@pytest.fixture(scope="session", params=KITS)
def command(request, tmp_path_factory):
    """The command of a client's driver, built once, and so driven by one process of pytest."""
    kit = KITS[request.param]
    if kit.missing is not None and not is_required():
        pytest.skip(f"the {request.param} client needs {kit.missing}, which is not on this machine")
    return kit.build(tmp_path_factory.mktemp(request.param))


@pytest.fixture
def driver(command, tmp_path):
    return Driver(command, tmp_path)
