"""That a client leaves out nothing that the wire offers, judged by what travels between it and a server."""

import signal

import pytest
from conftest import running_serve
from jobs import check, rows_of, wait_for_commits
from recording import METHODS, Recorder, arms, serving
from test_clients import SCENARIOS

from pixret.scoring.v1 import scoring_pb2 as pb

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]  # the first test of a client builds it

ARMS = {
    arm
    for method in METHODS.values()
    for message in (method.input_type, method.output_type)
    for arm in arms(message, message.name)
}
REASONS = {name for name, number in pb.RejectionReason.items() if number}


def test_the_table_knows_the_arms():
    assert {"StreamPredictionsRequest.batch.items.prediction.query.id", "StreamPredictionsResponse.drain"} < ARMS
    assert not {arm for arm in ARMS if "accepted_count" in arm}


def test_every_rpc_and_every_oneof_arm_travels(driver, prepared, tmp_path):
    rows = rows_of() + [row for scenario in SCENARIOS.values() for row in scenario["items"]]
    options = ["--data", prepared, "--state", tmp_path / "state"]
    recorder = Recorder()
    with serving(recorder) as address:
        with running_serve(*options) as server:
            recorder.target = server.address
            process = driver.start(address, batch_items=2, calls=True)
            driver.send(process, rows[:11])
            wait_for_commits(address, least=4)
            server.process.send_signal(signal.SIGTERM)  # so that it drains
            server.process.wait(30)
        with process, running_serve(*options) as server:
            recorder.target = server.address
            driver.send(process, rows[11:])
            check(driver.finish(process), rows)
            check(driver.run(address, rows, transport="unary"), rows)
    assert (METHODS.keys() | ARMS | REASONS) - recorder.seen == set()
