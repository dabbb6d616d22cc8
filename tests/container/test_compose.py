"""deploy/compose.yaml, started as it is: sessions in PostgreSQL outlive the server."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pixret.client import Client, ClientError, Tls, check_health
from pixret.metrics import Accumulator, report_bytes
from pixret.submissions import open_submission
from pixret.tables import read_ground_truth

FILE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
ENGINE = os.environ["PIXRET_ENGINE"]
IMAGE = os.environ["PIXRET_IMAGE"]
COMPOSE = [sys.executable, "-m", "podman_compose"] if ENGINE == "podman" else ["docker", "compose"]


def run(*command, environment=None):
    command = [str(part) for part in command]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]} {done.stderr[-4000:]}"
    return done.stdout


def wait_until(works, what):
    started = time.monotonic()
    while time.monotonic() - started < 90:
        with suppress(AssertionError, ClientError):
            if works() is not False:
                return
        time.sleep(0.3)
    pytest.fail(f"not within 90 s: {what}")


@pytest.fixture
def deployed(folder, kept):
    """The file brought up; yields the address of the service, and a way to find the container of one."""
    secrets, _ = kept
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    project = f"pixret-{port}"
    environment = os.environ | {"DATA": str(folder / "data"), "SECRETS": str(secrets), "PORT": str(port)}
    compose = [*COMPOSE, "--file", FILE, "--project-name", project]
    run(ENGINE, "tag", IMAGE, "pixret")

    def container(service):
        label = f"label=com.docker.compose.service={service}"
        return run(ENGINE, "ps", "--all", "--quiet", "--filter", label, "--filter", f"name={project}").strip()

    try:
        run(*compose, "up", "--detach", "postgres", environment=environment)
        ready = ("pg_isready", "--username", "pixret")
        wait_until(lambda: run(ENGINE, "exec", container("postgres"), *ready), "PostgreSQL is ready")
        run(*compose, "up", "--detach", environment=environment)
        yield f"localhost:{port}", container
    finally:
        for service in ("pixret", "postgres"):
            done = subprocess.run([ENGINE, "logs", container(service)], check=False, capture_output=True, text=True)
            print(done.stdout[-3000:], done.stderr[-3000:])
        run(*compose, "down", "--volumes", environment=environment)


def test_a_session_outlives_the_server_that_is_killed(deployed, kept, folder):
    address, container = deployed
    secrets, token = kept
    tls = Tls(secrets / "ca.pem")
    items = list(open_submission(folder / "raw" / "submissions" / "good.jsonl"))
    wait_until(lambda: check_health(address, tls=tls, timeout=2) == "SERVING", "the service is healthy")
    with Client(address, tls=tls, token=token) as client:
        session = client.create_session("mini")
        for _ in client.stream(session.name, items[:300]):
            pass
    run(ENGINE, "kill", "--signal", "KILL", container("pixret"))
    (state,) = json.loads(run(ENGINE, "inspect", container("pixret")))
    assert state["State"]["ExitCode"] == 137 or state["State"]["Running"]  # some engines start it again by themselves
    run(ENGINE, "start", container("pixret"))
    wait_until(lambda: check_health(address, tls=tls, timeout=2) == "SERVING", "the service is healthy again")
    with Client(address, tls=tls, token=token) as client:
        assert client.session(session.name).committed_offset == 300
        stream = client.stream(session.name, items)
        for _ in stream:
            pass
        report = client.finalize(session.name, received=stream.committed_offset)
    accumulator = Accumulator(read_ground_truth(folder / "data"))
    accumulator.add(items)
    assert json.loads(report.content)["conventions"] == json.loads(report_bytes(accumulator))["conventions"]
