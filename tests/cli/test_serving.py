"""``pixret serve`` as an operator starts it: settings, tokens and certificates, in a process of its own."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
import trustme

from pixret.client import AccessError, Client, InvalidRequestError, LimitExceededError, Tls

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


def test_options_of_a_connection_go_together(pixret, tmp_path):
    done = pixret("info", "--server", "127.0.0.1:1", "--tls-key", tmp_path / "k")
    assert done.code == 2
    assert "certificate and key belong together" in done.err
    done = pixret("info", "--server", "127.0.0.1:1", "--token-file", tmp_path / "nowhere")
    assert done.code == 2
    assert "No such file" in done.err
