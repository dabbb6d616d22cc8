"""Jobs for a client's driver, and what must come of them."""

import json
import subprocess
import time

from kits import JOB
from python_driver import item
from serving import HEIGHT, IMAGES, QUERIES, WIDTH, outline, small_truth

from pixret.client import Client
from pixret.metrics import Accumulator, Mask, report_bytes

RLE = Mask.from_polygons([outline()], HEIGHT, WIDTH).to_coco()


class Driver:
    """A client's driver: starts jobs in a folder, and reads what it says of them."""

    def __init__(self, command, folder):
        self._command, self._folder = command, folder

    def run(self, server, rows=(), **job):
        """Do a job whose items lie in a file."""
        items = self._folder / "items.jsonl"
        items.write_text("".join(map(line, rows)), encoding="utf-8")
        with self.start(server, items=str(items), **job) as process:
            return self.finish(process)

    def start(self, server, **job):
        """Begin a job whose items come through `send`."""
        path = self._folder / "job.json"
        path.write_text(json.dumps(JOB | {"server": server, "benchmark": "small"} | job))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*self._command, str(path)], **pipes)

    def send(self, process, rows):
        """Hand items over, one at a time."""
        for row in rows:
            process.stdin.write(line(row).encode())
            process.stdin.flush()

    def finish(self, process):
        """Wait for the job's end and return its result."""
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
        return json.loads(out)


def line(row):
    return json.dumps(row, ensure_ascii=False) + "\n"


def plain(rejection):
    return [rejection.offset, rejection.reason.name.lower(), rejection.field]


def check(result, rows, distractors=0, held=0):
    """Compare a result with scoring the same items here, of which the session held so many before."""
    accumulator = Accumulator(small_truth(), distractors=distractors)
    rejections = accumulator.add([item(line(row).encode()) for row in rows])
    assert result["error"] is None
    assert result["report"] == report_bytes(accumulator).decode()
    assert result["rejections"] == [plain(rejection) for rejection in rejections if rejection.offset >= held]
    assert result["received"] == len(rows)
    assert result["snapshots"][-1] == len(rows)


def rows_of(queries=None):
    """A prediction of every pair of the first queries, of all by default."""
    return [
        {"query_index": q, "image_index": i, "score": 1 / (1 + i), "segmentation": RLE}
        for q in range(len(QUERIES) if queries is None else queries)
        for i in range(len(IMAGES))
    ]


def wait_for_commits(address, least=1, session=None):
    """Wait until a session of the server, or this one, holds so many items."""
    until = time.monotonic() + 60
    with Client(address) as client:
        while not any(
            each.committed_offset >= least for each in client.sessions() if session is None or each.name == session
        ):
            assert time.monotonic() < until, f"nothing is committed at {address}"
            time.sleep(0.02)
