"""``pixret doctor``, beside a server that runs with the same settings and without one."""

import os
import re
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
import trustme
from collector import running_collector

from pixret.client import Client
from pixret.service import new_token


@pytest.fixture
def authority():
    return trustme.CA()


def write_certificate(folder, authority, **validity):
    issued = authority.issue_cert("127.0.0.1", **validity)
    certificate, key = folder / "server.pem", folder / "server.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    return ["--set", f"tls_certificate={certificate}", "--set", f"tls_key={key}"]


def test_all_is_well_beside_a_server_that_runs(pixret, serve, data, tmp_path, authority):
    state = tmp_path / "state"
    new_token(tmp_path / "tokens.toml", "ann", "submit")
    with serve(data, options=["--state", state]) as (_, address), Client(address) as client:
        client.create_session("mini")
        options = ["--data", data, "--state", state, "--set", f"token_file={tmp_path / 'tokens.toml'}"]
        done = pixret("doctor", *options, *write_certificate(tmp_path, authority))
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith(f"ok      versions: pixret {version('pixret')}, grpcio ")
    assert f"ok      state: {state / 'sessions.sqlite3'} is sound" in lines
    assert f"ok      tokens: {tmp_path / 'tokens.toml'} holds 1 tokens" in lines
    assert "ok      exposure: 127.0.0.1:50051, with TLS, to holders of tokens" in lines
    assert any(line.startswith(f"ok      ground truth: mini in {data}: sha256:") for line in lines)
    assert not any(line.startswith("failed") for line in lines)


def failures(done):
    assert done.code == 1
    return [line.removeprefix("failed  ") for line in done.out.splitlines() if line.startswith("failed")]


def test_a_ground_truth_that_was_changed(pixret, data, tmp_path):
    shutil.copytree(data, tmp_path / "data")
    manifest = tmp_path / "data" / "mini" / "manifest.json"
    text = manifest.read_text()
    at = text.index('"ground_truth"')
    manifest.write_text(text[:at] + flip(text[at:]))
    (found,) = failures(pixret("doctor", "--data", tmp_path / "data"))
    assert found.startswith(f"ground truth: {tmp_path / 'data' / 'mini'}")


def test_a_hidden_benchmark_that_is_not_served(pixret, data):
    (found,) = failures(pixret("doctor", "--data", data, "--set", "hidden_benchmarks=mimi"))
    assert found.startswith("ground truth: hidden_benchmarks names mimi, and what is served is mini; correct the name")


def flip(text):
    """The text with the first digit of its digest changed."""
    at = text.index("sha256:") + len("sha256:")
    return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]


def test_a_state_that_is_damaged(pixret, data, tmp_path):
    with closing(sqlite3.connect(tmp_path / "sessions.sqlite3")) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 3000,) for _ in range(50)])
        connection.commit()
    content = bytearray((tmp_path / "sessions.sqlite3").read_bytes())
    content[4096:40960] = os.urandom(36864)
    (tmp_path / "sessions.sqlite3").write_bytes(content)
    (found,) = failures(pixret("doctor", "--data", data, "--state", tmp_path))
    assert found.startswith("state: ")
    assert "malformed" in found or "damaged" in found


@pytest.mark.parametrize(
    ("validity", "words", "code"),
    [
        ({"not_after": timedelta(days=-1)}, "failed  certificate: .* expired on ", 1),
        ({"not_before": timedelta(days=1)}, "failed  certificate: .* is valid only from ", 1),
        ({"not_after": timedelta(days=5)}, "warning certificate: .* is valid until ", 0),
    ],
)
def test_a_certificate_out_of_its_time(pixret, data, tmp_path, authority, validity, words, code):
    now = datetime.now(UTC)
    dates = {"not_before": now - timedelta(days=9), "not_after": now + timedelta(days=90)}
    dates |= {name: now + delta for name, delta in validity.items()}
    done = pixret("doctor", "--data", data, *write_certificate(tmp_path, authority, **dates))
    assert done.code == code
    assert re.search(words, done.out)


def test_tokens_that_others_can_read_and_tokens_that_have_expired(pixret, data, tmp_path):
    tokens = tmp_path / "tokens.toml"
    new_token(tokens, "ann", "read", days=0)
    options = ["doctor", "--data", data, "--set", f"token_file={tokens}"]
    assert "warning tokens: tokens of ann have expired; remove them" in pixret(*options).out
    tokens.chmod(0o644)
    (found,) = failures(pixret(*options))
    assert found == f"tokens: {tokens}: its mode is -rw-r--r--, which lets others in; run chmod 600 on it"


def test_a_clock_that_is_behind(pixret, data, tmp_path):
    new_token(tmp_path / "tokens.toml", "ann", "read")
    later = time.time() + 3600
    os.utime(tmp_path / "tokens.toml", (later, later))
    (found,) = failures(pixret("doctor", "--data", data, "--set", f"token_file={tmp_path / 'tokens.toml'}"))
    assert re.fullmatch(r"clock: the clock is 3\d{3} s behind the newest file of the server", found)


def test_what_is_not_safe_or_not_there(pixret, tmp_path):
    found = failures(pixret("doctor", "--set", "listen=0.0.0.0:50051", "--data", tmp_path))
    assert [line.split(":")[0] for line in found] == ["ground truth", "exposure"]
    assert failures(pixret("doctor")) == ["ground truth: no folder of prepared tables; say data"]


def test_a_collector_of_traces_that_is_there_or_away(pixret, data):
    with running_collector() as collector:
        traces = ["--set", f"traces={collector.endpoint}"]
        assert f"ok      traces: {collector.endpoint} answers" in pixret("doctor", "--data", data, *traces).out
    told = pixret("doctor", "--data", data, "--set", "traces=http://127.0.0.1:1").out
    assert "warning traces: http://127.0.0.1:1 does not answer: Connection refused; traces are lost" in told
    (found,) = failures(pixret("doctor", "--data", data, "--set", "traces=http://10.0.0.1:4317"))
    assert found.startswith("traces: traces http://10.0.0.1:4317 go to another machine in plaintext")
