"""The image, from outside: what it holds, how it serves, and how it scores. Run by container/test, which builds it."""

import json
import logging
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import trustme
import yaml

from pixret.client import Client, ClientError, Tls, check_health
from pixret.metrics import Accumulator, report_bytes
from pixret.submissions import open_submission
from pixret.tables import read_ground_truth

ROOT = Path(__file__).parents[2]
ENGINE = os.environ["PIXRET_ENGINE"]
IMAGE = os.environ["PIXRET_IMAGE"]
BASE = os.environ["PIXRET_IMAGE_BASE"]
FLAGS = shlex.split(os.environ["PIXRET_RUN_FLAGS"])
USER = 10001
BILL = ROOT / "build" / "image.cdx.json"
FIGURES = logging.getLogger("figures")  # which container/test shows
LIMIT = 270e6  # bytes of what lies on top of the base
FLOOR = "strict.medium.segmentation.map_50_95"


def engine(*arguments, check=True):
    done = subprocess.run([ENGINE, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=200)
    assert not check or done.returncode == 0, done.stderr
    return done


def run(*command, options=(), check=True):
    """A command of pixret in a container of its own."""
    return engine("run", "--rm", *FLAGS, *options, IMAGE, *command, check=check)


def shell(script, *, options=(), check=True):
    return engine("run", "--rm", *FLAGS, *options, "--entrypoint", "sh", IMAGE, "-c", script, check=check)


def mount(folder, place, mode="ro"):
    return ["--volume", f"{folder}:{place}:{mode}"]


def locked():
    """Names and versions that the image is built from."""
    lock = (ROOT / "container" / "requirements.lock").read_text()
    return set(re.findall(r"^(\S+==\S+)", lock, flags=re.MULTILINE))


def meaning(content):
    """A report without the versions in its signature: the image has libraries of its own."""
    report = json.loads(content)
    return report | {"signature": report["signature"].partition("|pixret:")[0]}


@pytest.fixture(scope="session")
def good(folder):
    return folder / "raw" / "submissions" / "good.jsonl"


@pytest.fixture(scope="session")
def expected(folder, good):
    accumulator = Accumulator(read_ground_truth(folder / "data"))
    accumulator.add(open_submission(good))
    return report_bytes(accumulator)


@contextmanager
def serving(folder, *command, options=(), tls=None, memory="1g"):
    """The service in a container; yields its name and address once it is healthy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    name, address = f"pixret-test-{port}", f"localhost:{port}"
    listen = ["--env", f"PIXRET_SERVE_LISTEN=127.0.0.1:{port}", "--env", f"PIXRET_HEALTH_ADDRESS={address}"]
    data = mount(folder / "data", "/data")
    started = time.monotonic()
    engine("run", "--detach", "--name", name, *FLAGS, f"--memory={memory}", *listen, *data, *options, IMAGE, *command)
    try:
        wait_until_healthy(name, address, started, tls)
        yield name, address
    finally:
        print(engine("logs", name, check=False).stderr)
        engine("rm", "--force", name)


def wait_until_healthy(name, address, started, tls=None):
    while time.monotonic() - started < 30:
        with suppress(ClientError):
            assert check_health(address, tls=tls, timeout=1) == "SERVING"
            FIGURES.info("healthy %.1f s after it was started", time.monotonic() - started)
            return
        time.sleep(0.05)
    pytest.fail(engine("logs", name).stderr)


def wait_until(holds, what):
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < 60, f"not within a minute: {what}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def server(folder):
    with serving(folder) as (name, address):
        yield name, address


def test_the_image_says_what_it_is():
    (image,) = json.loads(engine("image", "inspect", IMAGE).stdout)
    labels = image["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "pixret"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert re.fullmatch(r"[0-9a-f]{40}|unknown", labels["org.opencontainers.image.revision"])
    config = image["Config"]
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("10001:10001", ["pixret"], ["serve"])
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    assert labels["org.opencontainers.image.version"] == version


def test_the_image_adds_little_to_its_base():
    sizes = [json.loads(engine("image", "inspect", name).stdout)[0]["Size"] for name in (IMAGE, BASE)]
    FIGURES.info("%.0f MB in all, of which %.0f on top of the base", sizes[0] / 1e6, (sizes[0] - sizes[1]) / 1e6)
    assert sizes[0] - sizes[1] < LIMIT


def test_the_image_has_no_compiler_no_caches_and_no_way_to_install():
    script = "command -v gcc cc make; find /opt/pixret -name 'pip' -o -name '*.a' -o -name tests"
    assert shell(script, check=False).stdout == ""


def test_what_is_installed_is_what_is_locked():
    script = (
        "from importlib.metadata import distributions;"
        "print(*sorted(f'{d.name.lower()}=={d.version}' for d in distributions(path=['SITE'])))"
    )
    site = shell("echo /opt/pixret/lib/python3*/site-packages").stdout.strip()
    found = engine("run", "--rm", *FLAGS, "--entrypoint", "python3", IMAGE, "-c", script.replace("SITE", site)).stdout
    installed = {each.replace("_", "-").replace(".", "-") for each in found.split() if not each.startswith("pixret==")}
    assert installed == {each.replace(".", "-") for each in locked()}


@pytest.mark.skipif(not BILL.exists(), reason="no syft, which is there for Linux on x86-64")
def test_the_bill_of_materials_names_what_the_image_holds():
    components = json.loads(BILL.read_text())["components"]
    found = {f"{each['name']}=={each['version']}" for each in components if each.get("purl", "").startswith("pkg:pypi")}
    assert {name.lower().replace("_", "-") for name in found} >= locked()
    debian = shell("dpkg-query --show --showformat '${Package} ${Version}\\n'").stdout.splitlines()
    named = {f"{each['name']} {each['version']}" for each in components if each.get("purl", "").startswith("pkg:deb")}
    assert named == set(debian)


def test_it_scores_compiled_and_is_nobody():
    assert "kernel compiled" in run("info").stdout
    status = shell("id -u; grep CapEff /proc/self/status; touch /here || echo read-only").stdout.split()
    assert status == [str(USER), "CapEff:", "0" * 16, "read-only"]


def test_the_service_is_healthy_inside_and_outside(server):
    name, address = server
    assert check_health(address) == "SERVING"
    assert engine("exec", name, "pixret", "health").stdout == "SERVING\n"
    if ENGINE == "podman":
        engine("healthcheck", "run", name)


def test_a_streamed_submission_gives_the_report_of_scoring_here(server, good, expected):
    _, address = server
    with Client(address) as client:
        session = client.create_session("mini")
        stream = client.stream(session.name, open_submission(good), snapshot_interval=0.1)
        received = [snapshot.received for snapshot in stream]
        report = client.finalize(session.name, received=stream.committed_offset)
    assert received[-1] == 720
    assert meaning(report.content) == meaning(expected)


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go, whose client this takes")
def test_the_go_client_gets_the_report_of_the_python_client(server, good, tmp_path):
    for command in (["generate", "./..."], ["build", "-o", tmp_path / "pixret-score", "./cmd/pixret-score"]):
        subprocess.run(["go", *command], cwd=ROOT / "clients" / "go", check=True, timeout=200)
    command = [tmp_path / "pixret-score", "--server", server[1], "--benchmark", "mini", good]
    from_go = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    with Client(server[1]) as client:
        assert from_go == client.score("mini", open_submission(good)).content


def test_points_are_measured_by_worker_processes_without_any_place_to_write(folder, server):
    """Also where the engine gives a read-only container no /tmp of its own."""
    options = [*mount(folder, "/work"), *(["--read-only-tmpfs=false"] if ENGINE == "podman" else [])]
    command = ["score", "raw/results", "--data", "data", "--method", "good", "--json", "-"]
    here = run(*command, "--workers", "2", options=options).stdout
    there = run(*command, "--server", server[1], options=options).stdout
    assert here == there
    assert json.loads(here)["predictions"]["rejected"] == 0


def test_points_are_drawn_as_they_are_here_without_opencv(folder):
    command = ["score", "raw/results", "--data", "data", "--method", "good", "--json", "-"]
    here = subprocess.run(
        [sys.executable, "-m", "pixret.cli", *command], cwd=folder, capture_output=True, check=True, timeout=100
    )
    assert meaning(run(*command, options=mount(folder, "/work")).stdout) == meaning(here.stdout)


@pytest.mark.parametrize("command", [("demo",), ("synth", "--out", "/dev/shm/raw"), ("browse", "--data", "/work/data")])
def test_a_command_that_takes_opencv_says_that_the_image_leaves_it_out(folder, command):
    done = run(*command, options=mount(folder, "/work"), check=False)
    assert done.returncode == 2
    assert "pixret: this takes OpenCV (opencv-python-headless), which is not installed here" in " ".join(
        done.stderr.split()
    )


def test_without_the_kernel_nothing_is_drawn_and_the_error_says_why(folder):
    options = [*mount(folder, "/work"), "--env", "PIXRET_KERNEL=off"]
    done = run("score", "raw/results", "--data", "data", "--method", "good", options=options, check=False)
    assert done.returncode == 2
    assert "without its compiled kernel, and OpenCV is not installed" in " ".join(done.stderr.split())


def test_gates_fail_and_pass_in_a_pipeline(folder, expected):
    options = mount(folder, "/work")
    command = ["score", "raw/submissions/good.jsonl", "--data", "data", "--json", "-", "--fail-under"]
    passed = run(*command, f"{FLOOR}=0.4", options=options)
    assert meaning(passed.stdout) == meaning(expected)
    failed = run(*command, f"{FLOOR}=0.9", options=options, check=False)
    assert failed.returncode == 1
    assert "gates of mini: 1 failed" in failed.stderr


def test_the_action_scores_and_fails_the_job(folder, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(f'#!/bin/sh\nexec {ENGINE} "$@"\n')
    (tmp_path / "bin" / "docker").chmod(0o755)
    (tmp_path / "summary.md").touch()
    (step,) = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    inputs = {"SUBMISSION": "raw/submissions/good.jsonl", "DATA": "data", "IMAGE": IMAGE, "REPORT": "r.json"}
    summary = str(tmp_path / "summary.md")
    for floor, code in ((0.4, 0), (0.9, 1)):
        gates = {"FAIL_UNDER": f"{FLOOR}={floor}\ncoverage.easy=1\n", "BASELINE": "", "MAX_DROP": "", "JUNIT": "j.xml"}
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        environment = os.environ | inputs | gates | {"GITHUB_STEP_SUMMARY": summary, "PATH": path}
        done = subprocess.run(["bash", "-e", "-c", step["run"]], check=False, cwd=folder, env=environment, timeout=200)
        assert done.returncode == code
    assert set(step["env"]) == {*inputs, *gates}
    assert (tmp_path / "summary.md").read_text().count("### gates of mini") == 2
    assert 'tests="2"' in (folder / "j.xml").read_text()


def test_it_serves_other_machines_with_tls_and_tokens_and_not_without(folder, good, expected, tmp_path):
    refused = run("serve", options=mount(folder / "data", "/data"), check=False)
    assert refused.returncode == 2
    assert "without TLS" in refused.stderr
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    (tmp_path / "tokens").mkdir()
    os.chown(tmp_path / "tokens", USER, USER)
    made = run(
        "token",
        "new",
        "--name",
        "ci",
        "--file",
        "/tokens/tokens.toml",
        options=mount(tmp_path / "tokens", "/tokens", "rw"),
    )
    for path in (tmp_path, *tmp_path.parents[:2], *tmp_path.glob("*.pem")):
        path.chmod(0o755)
    files = {"TLS_CERTIFICATE": "certificate.pem", "TLS_KEY": "key.pem", "TOKEN_FILE": "tokens/tokens.toml"}
    settings = [part for name, file in files.items() for part in ("--env", f"PIXRET_SERVE_{name}=/secrets/{file}")]
    options = [*mount(tmp_path, "/secrets"), *settings, "--env", "PIXRET_HEALTH_TLS_CA=/secrets/ca.pem"]
    tls = Tls(tmp_path / "ca.pem")
    with serving(folder, options=options, tls=tls) as (name, address):
        assert engine("exec", name, "pixret", "health").stdout == "SERVING\n"
        with Client(address, tls=tls, token=made.stdout.strip()) as client:
            assert meaning(client.score("mini", open_submission(good)).content) == meaning(expected)


def test_sigterm_ends_it_with_0(folder):
    with serving(folder) as (name, _):
        engine("stop", "--time", "20", name)
        (state,) = json.loads(engine("inspect", name).stdout)
        assert state["State"]["ExitCode"] == 0


def test_scoring_too_ends_soon_when_it_is_asked_to(folder, tmp_path):
    rows = [{"query_index": 0, "image_index": image, "rank": image} for image in range(60)]
    outline = np.random.default_rng(1).integers(0, 16384, 80_000).tolist()  # whose drawing takes minutes
    (tmp_path / "endless.jsonl").write_text("".join(json.dumps(row | {"polygons": [outline]}) + "\n" for row in rows))
    os.chown(tmp_path, USER, USER)
    for path in tmp_path.parents[:2]:
        path.chmod(0o755)
    name = f"pixret-test-{tmp_path.name}-{os.getpid()}"
    options = [*mount(folder / "data", "/data"), *mount(tmp_path, "/work", "rw")]
    command = ["score", "endless.jsonl", "--data", "/data", "--json", "report.json", "--workers", "2"]
    engine("run", "--detach", "--name", name, *FLAGS, *options, IMAGE, *command)
    try:
        wait_until(lambda: len(engine("top", name, "pid").stdout.splitlines()) > 3, "its workers run")
        engine("stop", "--time", "20", name)
        (state,) = json.loads(engine("inspect", name).stdout)
        assert (state["State"]["ExitCode"], engine("logs", name).stderr) == (143, "")
        assert not (tmp_path / "report.json").exists()
    finally:
        engine("rm", "--force", name)


def test_sessions_on_a_volume_survive_a_kill(folder, good, expected, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, USER, USER)
    for path in tmp_path.parents[:2]:
        path.chmod(0o755)
    items = list(open_submission(good))
    stateful = ("serve", "--state", "/state")
    options = mount(state, "/state", "rw")
    with serving(folder, *stateful, options=options) as (name, address), Client(address) as client:
        session = client.create_session("mini")
        for _ in client.stream(session.name, items[:300]):
            pass
        engine("kill", "--signal", "KILL", name)
    with serving(folder, *stateful, options=options) as (_, address), Client(address) as client:
        assert client.session(session.name).committed_offset == 300
        stream = client.stream(session.name, items)
        for _ in stream:
            pass
        report = client.finalize(session.name, received=stream.committed_offset)
    assert meaning(report.content) == meaning(expected)


def test_a_memory_limit_holds():
    options = ["--memory=64m", "--memory-swap=64m", "--entrypoint", "python3"]
    done = engine("run", "--rm", *FLAGS, *options, IMAGE, "-c", "print(len(b'x' * 200_000_000))", check=False)
    assert (done.returncode, done.stdout) == (137, "")
