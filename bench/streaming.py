"""A full submission over gRPC, to a server in a process of its own, in batches of several sizes."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bench.case import BENCHMARK, Case, full_case
from bench.scoring import bare_loop
from bench.timing import fastest, ratios
from pixret.client import Client

_BATCHES = (512, 64)
_SINGLE_SHARE = 10  # batches of one are measured on a tenth of the submission
_SERVER = "from bench.streaming import serve; serve()"


def measure(rounds: int) -> str:
    """The table of this module: with sessions in memory, and in SQLite on the disk of the temporary folder."""
    case = full_case()
    with tempfile.TemporaryDirectory() as folder, server() as (_, memory), server(folder) as (_, durable):
        servers = {"in memory": memory, "in SQLite": durable}
        contestants = {"bare pycocotools loop": lambda: bare_loop(case)}
        singles = Case(case.truth, case.predictions[::_SINGLE_SHARE], [])
        for size in _BATCHES:
            for name, address in servers.items():
                contestants[_label(size, name)] = lambda size=size, address=address: _send(address, case, size)
        seconds = fastest(contestants, rounds)
        single = {
            _label(1, name): lambda address=address: _send(address, singles, 1) for name, address in servers.items()
        }
        for name, each in fastest(single, rounds).items():
            seconds[name] = each * len(case.predictions) / len(singles.predictions)
    return ratios(f"A full submission over gRPC, {len(case.predictions)} pairs as RLE", seconds, len(case.predictions))


def _label(size: int, name: str) -> str:
    return f"stream and finalize, batches of {size}, sessions {name}"


def _send(address: str, case: Case, batch_items: int) -> bytes:
    with Client(address) as client:
        session = client.create_session(BENCHMARK)
        stream = client.stream(session.name, case.predictions, batch_items=batch_items)
        stream.run()
        report = client.finalize(session.name, received=stream.committed_offset)
        client.delete_session(session.name)
    return report.content


@contextmanager
def server(*state: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on the case, with a state if one is given; yields its process and its address."""
    with subprocess.Popen([sys.executable, "-c", _SERVER, *state], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def serve() -> None:
    """Run by the server's process, whose argument is the state if there is one."""
    from pixret.service import open_journal, run_server

    journal = open_journal(sys.argv[1]) if len(sys.argv) > 1 else None
    run_server([full_case().truth], "127.0.0.1:0", journal=journal, on_ready=lambda address: print(address, flush=True))
