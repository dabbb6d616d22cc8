"""The image as a service: `pixret serve`, its default."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import trustme
from image import ENGINE, USER, engine, meaning, mount, run, serving

from pixret.client import Client, Tls, check_health
from pixret.submissions import open_submission

ROOT = Path(__file__).parents[2]


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


def test_sessions_on_a_volume_survive_a_kill(folder, good, expected, out):
    items = list(open_submission(good))
    stateful = ("serve", "--state", "/state")
    options = mount(out, "/state", "rw")
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
