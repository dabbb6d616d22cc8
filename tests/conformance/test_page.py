"""docs/from-curl-to-production.md, command by command: what it shows is what real programs print."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from conftest import running_serve
from gateway import ENVOY, ROOT, envoy_before, lay_out
from kits import is_required

from pixret.client import check_health
from pixret.loader import prepare

TOOLS = Path(__file__).with_name("tools")
NEEDED = ("go", "curl", "jq", str(ENVOY))
MISSING = [Path(program).name for program in NEEDED if shutil.which(program) is None]

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.timeout(900),  # Go compiles grpcurl
    pytest.mark.skipif(bool(MISSING) and not is_required(), reason=f"the page needs {', '.join(MISSING)}"),
]

PAGE = (ROOT / "docs" / "from-curl-to-production.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|text|json)\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
SESSION = re.compile(r"sessions/[\w-]{22}")


class Shell:
    """A reader who types what the page says, in a folder of their own, with servers at other ports."""

    def __init__(self, folder, programs, servers):
        self._folder, self._servers = folder, servers
        self._path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        self._functions = ""
        self._here = {}  # what is on the page, and what it is here

    def type(self, command, shown):
        """Run a command, and compare what it prints with what the page shows."""
        match command.split()[:2]:
            case ["pixret", "serve"]:
                self._serve(command.split()[2:])
            case ["envoy", *_]:
                envoy = envoy_before(self._here["127.0.0.1:50051"], self._folder)
                address = self._servers.enter_context(envoy)
                self._here |= {"scores.example.org:443": address, "scores.example.org": address}
            case [name, *_] if name.endswith("()"):
                self._functions += command + "\n"
            case _:
                done = self._run(command)
                if shown is None:
                    assert done.returncode == 0, f"{command}\n{done.stdout}"
                else:
                    self._compare(done.stdout, shown)

    def _serve(self, options):
        at = options.index("--listen") if "--listen" in options else len(options)
        options = options[:at] + options[at + 2 :]
        self._here["127.0.0.1:50051"] = self._servers.enter_context(running_serve(*options)).address

    def _run(self, command):
        return subprocess.run(
            ["bash", "-c", self._translated(self._functions + command)],
            cwd=self._folder,
            env=os.environ | {"PATH": self._path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def _compare(self, printed, shown):
        if "create_time" in printed or "createTime" in printed:
            self._here.setdefault(SESSION.search(shown)[0], SESSION.search(printed)[0])
        wanted, options = self._translated(shown), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(wanted, printed, options), f"shown:\n{wanted}\nprinted:\n{printed}"

    def _translated(self, text):
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text


def commands():
    """The commands of the page, with what it shows of each, None where it shows nothing."""
    following = [*BLOCKS[1:], ("console", "")]
    for (kind, text), (next_kind, next_text) in zip(BLOCKS, following, strict=True):
        if kind == "console":
            *first, last = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
            yield from ((command, None) for command in first)
            yield last, None if next_kind == "console" else next_text


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """A folder with grpcurl, at the version that the page names."""
    folder = tmp_path_factory.mktemp("programs")
    assert "grpcurl v1.9.4" in (TOOLS / "go.mod").read_text(encoding="utf-8")
    assert "grpcurl@v1.9.4" in PAGE
    subprocess.run(["go", "build", "-o", folder, "github.com/fullstorydev/grpcurl/cmd/grpcurl"], cwd=TOOLS, check=True)
    return folder


def test_the_page_shows_what_happens(programs, mini_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare("mini", mini_folder / "pixel_retrieval_benchmarks", tmp_path / "data", annotations_only=True, jobs=1)
    (tmp_path / "mini-raw").symlink_to(mini_folder)
    lay_out(tmp_path)
    with ExitStack() as servers:
        shell = Shell(tmp_path, programs, servers)
        for command, shown in commands():
            shell.type(command, shown)


def test_the_probes_of_the_page_are_answered(address):
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    probes = yaml.safe_load(block)
    assert probes.keys() == {"readinessProbe", "livenessProbe"}
    for probe in probes.values():
        assert check_health(address, service=probe["grpc"].get("service", "")) == "SERVING"
