"""A command that is asked to end: soon, with its workers, without a traceback, and with no file cut short."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from pixret.cli._ending import write_file
from pixret.client import Client, ServerUnavailableError
from pixret.tables import read_ground_truth


def start(folder, *arguments):
    command = [sys.executable, "-m", "pixret.cli", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def ended(process, number):
    """Exit code and stderr of a process that is sent a signal."""
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    return process.returncode, told


def children(pid):
    """Processes of the session that a process leads, itself left out."""
    done = subprocess.run(["ps", "-o", "pid=", "-s", str(pid)], capture_output=True, text=True, check=False)
    return {int(each) for each in done.stdout.split()} - {pid}


def endless(path, data, images, points):
    """A submission of outlines that go up and down the greatest canvas, each of which takes seconds, or a minute.

    But for the first, which is small: once it is measured, the next is under way.
    """
    rng = np.random.default_rng(1)
    positives = [pair for pair in read_ground_truth(data).pairs if pair.is_positive]
    with path.open("w") as file:
        for count, pair in enumerate(positives[:images]):
            outline = rng.integers(0, 16384, 2 * points if count else 6).tolist()
            row = {"query_index": pair.query_index, "image_index": pair.image_index, "rank": count}
            file.write(json.dumps(row | {"polygons": [outline]}) + "\n")


def test_sigterm_ends_scoring_with_its_workers_and_leaves_no_report(data, tmp_path):
    endless(tmp_path / "endless.jsonl", data, images=60, points=5000)
    process = start(tmp_path, "score", "endless.jsonl", "--data", data, "--json", "report.json", "--workers", "2")
    deadline = time.monotonic() + 30
    while len(children(process.pid)) < 3 and time.monotonic() < deadline:  # the fork server, and a worker at least
        time.sleep(0.05)
    assert children(process.pid)
    assert ended(process, signal.SIGTERM) == (143, "")
    assert not (tmp_path / "report.json").exists()
    while children(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children(process.pid) == set()


def test_sigterm_ends_waiting_for_a_server(data, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        (tmp_path / "empty.jsonl").write_text('{"query_index": 0, "image_index": 1, "rank": 0}\n')
        process = start(tmp_path, "score", "empty.jsonl", "--data", data, "--server", address)
        silent.settimeout(30)
        connection, _ = silent.accept()
        assert ended(process, signal.SIGTERM) == (143, "")
        connection.close()


@pytest.mark.slow
def test_sigterm_ends_a_server_whatever_mask_it_measures(data, tmp_path):
    endless(tmp_path / "endless.jsonl", data, images=3, points=200_000)
    limits = {"grace": 0.1, "max_polygon_points": 200_000, "max_outline_rows": 2 * 10**9}
    options = [part for name, limit in limits.items() for part in ("--set", f"{name}={limit}")]
    options += ["--listen", "127.0.0.1:0", "--workers", "1"]
    process = start(tmp_path, "serve", "--data", data, *options)
    address = process.stdout.readline().removeprefix("listening on ").strip()
    with Client(address, retry_timeout=0) as client:
        session = client.create_session("mini").name
        sending = threading.Thread(target=send, args=[client, session, tmp_path / "endless.jsonl"])
        sending.start()
        deadline = time.monotonic() + 60
        while client.session(session).committed_offset == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        assert ended(process, signal.SIGTERM)[0] == 143
        sending.join(20)
        assert not sending.is_alive()


def send(client, session, path):
    with pytest.raises(ServerUnavailableError):
        client.stream(session, path, batch_items=1).run()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_file_that_is_being_written_is_whole_before_a_signal_is_heard(tmp_path, number):
    class Slow(type(tmp_path)):
        def write_bytes(self, content):
            os.kill(os.getpid(), number)
            return super().write_bytes(content)

    heard = []
    before = signal.signal(number, lambda *_: heard.append((tmp_path / "report.json").read_bytes()))
    try:
        write_file(Slow(tmp_path / "report.json"), b"whole")
    finally:
        signal.signal(number, before)
    assert heard == [b"whole"]
