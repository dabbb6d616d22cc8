"""Clients when things go wrong: a server that dies, stops or does not listen, and tokens that are not good."""

import os
import select
import shutil
import signal

import pytest
from conftest import running_serve
from jobs import check, line, rows_of, wait_for_commits
from ports import steady_port
from serving import IMAGES

from pixret.metrics import Mask
from pixret.service import new_token

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]  # the first test of a client builds it


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "drained"])
def test_a_server_that_comes_back_is_gone_on_with(driver, prepared, tmp_path, number):
    rows = rows_of()
    options = ["--data", prepared, "--state", tmp_path / "state"]
    with running_serve(*options, listen=f"127.0.0.1:{steady_port()}") as server:
        process = driver.start(server.address, batch_items=2)
        driver.send(process, rows[:11])
        wait_for_commits(server.address, least=4)
        server.process.send_signal(number)
        server.process.wait(30)
    with process, running_serve(*options, listen=server.address):
        driver.send(process, rows[11:])
        result = driver.finish(process)
    check(result, rows)


def test_a_server_that_comes_back_with_less_is_not_gone_on_with(driver, prepared, tmp_path):
    rows, state, old = rows_of(), tmp_path / "state", tmp_path / "old"
    listen = f"127.0.0.1:{steady_port()}"
    with running_serve("--data", prepared, "--state", state, listen=listen) as server:
        process = driver.start(server.address, batch_items=1)
        driver.send(process, rows[:3])
        wait_for_commits(server.address, least=3)
    shutil.copytree(state, old)
    with running_serve("--data", prepared, "--state", state, listen=server.address):
        driver.send(process, rows[3:6])
        wait_for_commits(server.address, least=6)
    with process, running_serve("--data", prepared, "--state", old, listen=server.address):
        result = driver.finish(process)
    assert result["report"] is None
    assert result["error"]["code"] == "DATA_LOSS"
    assert "acknowledged 6 items and came back with 3" in result["error"]["message"]


def test_a_client_holds_back_while_the_server_does_not_listen(driver, prepared):
    distractors = 30_000
    long = Mask.from_runs([1] * 1600, 40, 40).to_coco()  # 48 MB in all, which no buffer on the way holds
    rows = [
        {"query_index": 0, "image_index": len(IMAGES) + i, "score": 1 / (1 + i), "segmentation": long}
        for i in range(distractors)
    ]
    with running_serve("--data", prepared) as server:
        process = driver.start(server.address, distractors=distractors, batch_items=64)
        driver.send(process, rows[:64])
        wait_for_commits(server.address)
        server.process.send_signal(signal.SIGSTOP)
        try:
            begun, rest = push(process, rows[64:])
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert begun < len(rows) - 64, "the client read everything, though nobody listened"
        with process:
            process.stdin.write(rest)
            driver.send(process, rows[64 + begun :])
            result = driver.finish(process)
    check(result, rows, distractors)


def push(process, rows, patience=3.0):
    """Hand items over until none was taken for so many seconds: how many were begun, and the rest of the last."""
    pipe = process.stdin.fileno()
    os.set_blocking(pipe, False)
    try:
        for count, row in enumerate(rows):
            whole = data = line(row).encode()
            while data:
                if not select.select([], [pipe], [], patience)[1]:
                    return (count, b"") if data == whole else (count + 1, data)
                data = data[os.write(pipe, data) :]
        return len(rows), b""
    finally:
        os.set_blocking(pipe, True)


@pytest.mark.parametrize("days", [30, 0], ids=["good", "expired"])
def test_a_token_is_good_until_it_expires(driver, prepared, tmp_path, days):
    tokens = tmp_path / "tokens.toml"
    token = new_token(tokens, "tester", "submit", days)
    rows = rows_of(queries=1)
    with running_serve("--data", prepared, "--token-file", tokens) as server:
        result = driver.run(server.address, rows, token=token)
        stranger = driver.run(server.address, rows)
    assert stranger["error"]["code"] == "UNAUTHENTICATED"
    if days == 0:
        assert result["error"]["code"] == "UNAUTHENTICATED"
    else:
        check(result, rows)
