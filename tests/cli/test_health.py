"""``pixret health``: what a probe hears."""

import signal

from serving import running_server, small_truth


def test_a_server_that_serves(pixret):
    with running_server(small_truth()) as address:
        assert pixret("health", address) == pixret("health", address, "--service", "pixret.scoring.v1.ScoringService")
        done = pixret("health", address)
        assert (done.code, done.out, done.err) == (0, "SERVING\n", "")
        unknown = pixret("health", address, "--service", "pixret.Other")
    assert unknown.code == 1
    assert "NOT_FOUND" in unknown.err


def test_an_address_of_the_environment(pixret, monkeypatch):
    with running_server(small_truth()) as address:
        monkeypatch.setenv("PIXRET_HEALTH_ADDRESS", address)
        assert pixret("health").out == "SERVING\n"


def test_nobody_there_is_exit_code_1_in_one_line(pixret):
    done = pixret("health", "127.0.0.1:1", "--timeout", "2")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("pixret: scoring server 127.0.0.1:1: ")
    assert len(done.err.splitlines()) == 1


def test_a_server_that_hangs_is_given_up(pixret, data, serve):
    with serve(data) as (process, address):
        process.send_signal(signal.SIGSTOP)
        done = pixret("health", address, "--timeout", "0.3")
        process.send_signal(signal.SIGCONT)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"pixret: scoring server {address}: ")


def test_a_certificate_without_its_key_is_wrong_usage(pixret, tmp_path):
    (tmp_path / "certificate.pem").write_text("none")
    done = pixret("health", "127.0.0.1:1", "--tls-certificate", tmp_path / "certificate.pem")
    assert done.code == 2
    assert "belong together" in done.err
