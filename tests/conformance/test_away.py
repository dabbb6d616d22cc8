"""Clients whose server is away while they make other calls than a stream: for a moment, or for good."""

import pytest
from conftest import running_serve
from failing import AWAY, CALLS, AwayForAMoment, AwayForGood
from gateway import free_port
from jobs import check, rows_of, wait_for_commits
from ports import steady_port
from recording import serving
from test_clients import SCENARIOS

from pixret.client import Client

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]  # the first test of a client builds it


@pytest.mark.parametrize("answer_is_lost", [False, True], ids=["call lost", "answer lost"])
def test_every_call_is_made_again_when_the_server_was_away(driver, prepared, answer_is_lost):
    rows = SCENARIOS["every_fault"]["items"]
    proxy = AwayForAMoment(answer_is_lost)
    with running_serve("--data", prepared) as server, serving(proxy) as address:
        proxy.target = server.address
        result = driver.run(address, rows, transport="unary", batch_items=len(rows), calls=True)
        check(result, rows)
        assert result["calls"]["deleted"] == "NOT_FOUND"
        assert proxy.failures == dict.fromkeys(CALLS, len(AWAY))
        with Client(server.address) as client:
            assert not [*client.sessions()], "a session was opened twice"


@pytest.mark.parametrize("name", ["CreateSession", "GetSnapshot", "FinalizeSession", "DeleteSession"])
def test_a_server_that_stays_away_is_an_error_by_name(driver, address, name):
    proxy = AwayForGood(name)
    with serving(proxy) as listening:
        proxy.target = address
        result = driver.run(listening, rows_of(queries=1), transport="unary", patience=1, calls=True)
    assert result["error"]["code"] == "UNAVAILABLE"
    assert "away for good" in result["error"]["message"]
    assert proxy.failures > 1


def test_a_call_waits_for_a_server_that_restarts(driver, prepared, tmp_path):
    rows, options = rows_of(), ["--data", prepared, "--state", tmp_path / "state"]
    with running_serve(*options, listen=f"127.0.0.1:{steady_port()}") as server:
        process = sent_and_left_alone(driver, server, rows)
    with process, running_serve(*options, listen=server.address):
        result = driver.finish(process)
    check(result, rows)


def test_a_server_that_does_not_come_back_is_an_error_by_name(driver, prepared):
    with running_serve("--data", prepared) as server:
        process = sent_and_left_alone(driver, server, rows_of(), patience=1)
    with process:
        result = driver.finish(process)
    assert result["error"]["code"] == "UNAVAILABLE"
    assert result["error"]["message"]


def test_a_server_that_never_was_there_is_an_error_by_name(driver):
    result = driver.run(f"127.0.0.1:{free_port()}")
    assert result["error"]["code"] == "UNAVAILABLE"
    assert result["error"]["message"]


def sent_and_left_alone(driver, server, rows, **job):
    """A job that has sent its items, and asks for the snapshot when the server is gone."""
    process = driver.start(server.address, transport="unary", linger=0, **job)
    driver.send(process, rows)
    wait_for_commits(server.address, least=len(rows))
    server.process.kill()
    server.process.wait(30)
    process.stdin.close()
    process.stdin = None  # there is nothing more to communicate
    return process
