"""A full submission over gRPC, to a server in a process of its own, in batches of several sizes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.case import BENCHMARK, Case, full_case
from bench.scoring import bare_loop
from bench.timing import fastest, ratios
from pixret.client import Client

_BATCHES = (512, 64)
_SINGLE_SHARE = 10  # batches of one are measured on a tenth of the submission
_SERVER = "from bench.case import full_case; from bench.streaming import serve; serve(full_case())"


def measure(rounds: int) -> str:
    """The table of this module."""
    case = full_case()
    with server() as address, Client(address) as client:
        contestants = {"bare pycocotools loop": lambda: bare_loop(case)}
        for size in _BATCHES:
            contestants[f"stream and finalize, batches of {size}"] = lambda size=size: _send(client, case, size)
        seconds = fastest(contestants, rounds)
        singles = case.predictions[::_SINGLE_SHARE]
        one = fastest({"one": lambda: _send(client, Case(case.truth, singles, []), 1)}, 2)["one"]
    seconds["stream and finalize, batches of 1"] = one * len(case.predictions) / len(singles)
    return ratios(f"A full submission over gRPC, {len(case.predictions)} pairs as RLE", seconds, len(case.predictions))


def _send(client: Client, case: Case, batch_items: int) -> bytes:
    session = client.create_session(BENCHMARK)
    stream = client.stream(session.name, case.predictions, batch_items=batch_items)
    stream.run()
    report = client.finalize(session.name, received=stream.committed_offset)
    client.delete_session(session.name)
    return report.content


@contextmanager
def server() -> Iterator[str]:
    """A server on the case, in a process of its own; yields its address."""
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def serve(case: Case) -> None:
    """Run by the server's process."""
    from pixret.service import run_server

    run_server([case.truth], "127.0.0.1:0", on_ready=lambda address: print(address, flush=True))
