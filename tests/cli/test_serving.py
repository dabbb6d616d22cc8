"""``pixret serve`` as an operator starts it: settings, tokens and certificates, in a process of its own."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from itertools import islice
from urllib.request import urlopen

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from pixret.client import AccessError, Client, InvalidRequestError, LimitExceededError, NotFoundError, Tls
from pixret.metrics import NO_MASK, Prediction
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import new_token
from pixret.submissions import open_submission

SUBMISSION = "submissions/good.jsonl"


@contextmanager
def served(*options, **environment):
    """``pixret serve`` on a free port; yields the process and its address, and ends it."""
    command = [
        sys.executable,
        "-m",
        "pixret.cli",
        "serve",
        "--workers",
        "1",
        "--listen",
        "127.0.0.1:0",
        *map(str, options),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on "), process.stderr.read()
            yield process, line.removeprefix("listening on ").strip()
        finally:
            process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def tls_files(authority, tmp_path):
    """CA, certificate and key of a server, as files."""
    issued = authority.issue_cert("127.0.0.1")
    files = tmp_path / "ca.pem", tmp_path / "server.pem", tmp_path / "server.key"
    blobs = (
        [authority.cert_pem.bytes()],
        [blob.bytes() for blob in issued.cert_chain_pems],
        [issued.private_key_pem.bytes()],
    )
    for file, parts in zip(files, blobs, strict=True):
        file.write_bytes(b"".join(parts))
    return files


def test_score_over_tls_with_a_token(pixret, data, mini_folder, tls_files, tmp_path):
    ca, certificate, key = tls_files
    made = pixret("token", "new", "--name", "ann", "--file", tmp_path / "tokens.toml")
    assert (made.code, made.err.split(" for ")[1]) == (0, "ann (submit); it cannot be shown again\n")
    token = tmp_path / "token"
    token.write_text(made.out)
    options = [
        "--data",
        data,
        "--tls-certificate",
        certificate,
        "--tls-key",
        key,
        "--token-file",
        tmp_path / "tokens.toml",
    ]
    score = ["score", mini_folder / SUBMISSION, "--data", data, "--json", "-"]
    with served(*options) as (process, address):
        there = ["--server", address, "--tls-ca", ca]
        done = pixret(*score, *there, "--token-file", token)
        assert (done.code, done.err) == (0, "")
        assert done.out == pixret(*score).out
        assert "mini: 12 queries" in pixret("info", *there, "--token-file", token).out
        refused = pixret(*score, *there)
        assert refused.code == 2
        assert "pixret: no token; send the metadata authorization: Bearer TOKEN (UNAUTHENTICATED)" in refused.err
        with Client(address, tls=Tls(ca), token="pixret_wrong_one") as client, pytest.raises(AccessError):
            client.benchmarks()
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert made.out.strip() not in out + err
    assert "wrong_one" not in out + err
    assert "Bearer" not in out + err


def test_settings_come_from_a_file_the_environment_and_flags(data, mini_folder, tmp_path):
    file = tmp_path / "serve.toml"
    file.write_text(f'data = ["{data}"]\nmax_batch_items = 5\nmax_sessions = 2\nmax_distractors = 7\n')
    options = ["--config", file, "--set", "max_distractors=9"]
    with served(*options, PIXRET_SERVE_MAX_SESSIONS="1") as (_, address), Client(address) as client:
        with pytest.raises(InvalidRequestError, match="10 distractors, and 9 are the most"):
            client.create_session("mini", distractors=10)
        session = client.create_session("mini", distractors=9)
        with pytest.raises(LimitExceededError, match="1 sessions"):
            client.create_session("mini")
        with pytest.raises(InvalidRequestError, match="6 items in one batch, and 5 are the most"):
            client.append(session.name, mini_folder / SUBMISSION, batch_items=6)


def test_what_a_server_would_be_is_printed_without_secrets(pixret, monkeypatch):
    monkeypatch.setenv("PIXRET_SERVE_WORKERS", "3")
    done = pixret("serve", "--data", "nowhere", "--print-config", "--set", "max_sessions=12")
    assert (done.code, done.err) == (0, "")
    assert {'data = ["nowhere"]', "workers = 3", "max_sessions = 12", "# tls_key is not set"} <= {
        *done.out.splitlines()
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "max_sesions=3"], "pixret: there is no setting max_sesions (flag); did you mean max_sessions?"),
        (["--set", "grace=-1"], "pixret: setting grace = '-1' (flag): input should be greater than or equal to 0"),
        ([], "there is nothing to serve: say --data FOLDER"),
        (["--config", "nowhere.toml"], "pixret: nowhere.toml: the configuration cannot be read: No such file"),
    ],
)
def test_wrong_settings_end_with_2(pixret, options, message):
    done = pixret("serve", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "without TLS they send in plaintext: give tls_certificate and tls_key"),
        (["--insecure-plaintext"], "without tokens everyone there may do everything: give token_file"),
    ],
)
def test_other_machines_are_not_served_by_accident(pixret, data, options, message):
    done = pixret("serve", "--data", data, "--workers", 1, "--listen", "0.0.0.0:0", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def fetch_metrics(listen):
    with urlopen(f"http://{listen}/metrics", timeout=10) as response:
        return response.read().decode()


def test_a_log_of_json_holds_nothing_else_where_somebody_speaks_no_tls(data, tmp_path):
    issued = trustme.CA().issue_cert("127.0.0.1")
    certificate = tmp_path / "server.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(certificate)
    options = ["--data", data, "--tls-certificate", certificate, "--tls-key", certificate, "--state", tmp_path]
    with served(*options, "--set", "log_format=json", "--set", "log_level=info") as (process, address):
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while stranger.recv(1024):
                pass
        process.terminate()
        _, err = process.communicate(timeout=20)
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert events[-1] == "stopped"
    assert not any(event.startswith("setup plugin") for event in events)


def test_metrics_and_logs_tell_what_happened_and_no_secret(data, mini_folder, tmp_path):
    tokens, listen = tmp_path / "tokens.toml", f"127.0.0.1:{free_port()}"
    secret = new_token(tokens, "ann", "submit")
    options = ["--data", data, "--token-file", tokens, "--metrics-listen", listen]
    logs = ["--set", "log_format=json", "--set", "log_level=debug"]
    with served(*options, *logs) as (process, address):
        with Client(address, token=secret) as client:
            session = client.create_session("mini")
            refused = [Prediction("nobody", "nothing", NO_MASK, score=1.0)]
            client.append(session.name, refused)
            client.append(session.name, [*refused, *islice(open_submission(mini_folder / SUBMISSION), 300)])
        with grpc.insecure_channel(address) as channel:
            for request_id in ("mine-1", "two words", "x" * 65):
                metadata = (("x-request-id", request_id), ("authorization", f"Bearer {secret}"))
                ScoringServiceStub(channel).ListBenchmarks(pb.ListBenchmarksRequest(), metadata=metadata)
        with Client(address, token="pixret_not_this_one") as client, pytest.raises(AccessError):
            client.benchmarks()
        shown = fetch_metrics(listen)
        process.terminate()
        out, err = process.communicate(timeout=20)
    for line in (
        'pixret_items_total{outcome="accepted",reason=""} 300.0',
        'pixret_items_total{outcome="rejected",reason="unknown_query"} 1.0',
        'pixret_calls_total{code="OK",rpc="CreateSession"} 1.0',
        'pixret_calls_total{code="UNAUTHENTICATED",rpc="ListBenchmarks"} 1.0',
        "pixret_batch_seconds_count 3.0",
        "pixret_live_sessions 1.0",
        "pixret_queued_masks 0.0",
        "pixret_streams 0.0",
    ):
        assert line in shown.splitlines(), line
    lines = [json.loads(line) for line in err.splitlines()]
    appended = [line for line in lines if line.get("rpc") == "AppendPredictions"]
    assert {line["principal"] for line in appended} == {"ann"}
    assert {line["session"] for line in appended} == {session.name}
    assert len({line["request_id"] for line in appended}) == 3
    assert all(line["event"].startswith("OK in ") for line in appended)
    listed = [line["request_id"] for line in lines if line.get("rpc") == "ListBenchmarks"]
    assert listed[0] == "mine-1"
    assert not {"two words", "x" * 65} & {*listed}  # an id that is no plain one is replaced
    assert secret not in out + err + shown
    assert "not_this_one" not in out + err + shown


@pytest.mark.slow
def test_readiness_is_apart_from_liveness(data, tmp_path):
    """A state that cannot be read makes a server that lives, and is not ready until it can be read again."""
    state = tmp_path / "state"
    with served("--data", data, "--state", state) as (_, address), grpc.insecure_channel(address) as channel:
        health = health_pb2_grpc.HealthStub(channel)

        def statuses():
            names = ("", "pixret.scoring.v1.ScoringService", "liveness")
            found = (health.Check(health_pb2.HealthCheckRequest(service=name)).status for name in names)
            return [health_pb2.HealthCheckResponse.ServingStatus.Name(status) for status in found]

        def wait_for(expected):
            until = time.monotonic() + 20
            while statuses() != expected and time.monotonic() < until:
                time.sleep(0.1)
            assert statuses() == expected

        ready = ["SERVING"] * 3
        wait_for(ready)
        database = state / "sessions.sqlite3"
        with closing(sqlite3.connect(database)) as other:
            other.execute("ALTER TABLE sessions RENAME TO gone")
            wait_for(["NOT_SERVING", "NOT_SERVING", "SERVING"])
            other.execute("ALTER TABLE gone RENAME TO sessions")
        wait_for(ready)


@pytest.mark.slow
def test_sessions_do_not_grow_older_than_they_may(data):
    with served("--data", data, "--set", "max_session_age=0.5") as (_, address), Client(address) as client:
        session = client.create_session("mini")
        until = time.monotonic() + 20
        while [*client.sessions()] and time.monotonic() < until:
            time.sleep(0.1)
        with pytest.raises(NotFoundError):
            client.session(session.name)


@pytest.mark.parametrize(
    ("listen", "message"),
    [
        ("50051", "cannot listen on '50051': an address reads HOST:PORT"),
        ("0.0.0.0:0", "metrics_listen 0.0.0.0:0 can be reached from other machines, and metrics go in plaintext"),
        ("taken", "cannot show metrics on 127.0.0.1:{}: Address already in use; choose another address"),
    ],
)
def test_metrics_are_not_shown_anywhere(pixret, data, listen, message):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        place = f"127.0.0.1:{port}" if listen == "taken" else listen
        done = pixret("serve", "--data", data, "--listen", "127.0.0.1:0", "--workers", 1, "--metrics-listen", place)
    assert (done.code, done.out) == (2, "")
    assert message.format(port) in done.err


def test_options_of_a_connection_go_together(pixret, tmp_path):
    done = pixret("info", "--server", "127.0.0.1:1", "--tls-key", tmp_path / "k")
    assert done.code == 2
    assert "certificate and key belong together" in done.err
    done = pixret("info", "--server", "127.0.0.1:1", "--token-file", tmp_path / "nowhere")
    assert done.code == 2
    assert "No such file" in done.err
