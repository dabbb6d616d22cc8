"""``python -m bench.soak``: clients that come, go, crash and misbehave against one server with a state, for a while.

Every whole submission must get the report of scoring locally, byte for byte, whatever was done to it on the way: that
is how a lost or doubled item would show. Memory of the server and its workers is sampled all along.
"""

import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bench.case import BENCHMARK, Case, full_case
from bench.streaming import server
from pixret.client import Client, ClientError, ConflictError
from pixret.metrics import Accumulator, Item, Prediction, Rle, report_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

_VICTIM = """
import sys
from bench.soak import submission
from pixret.client import Client
print("ready", flush=True)
with Client(sys.argv[1]) as client:
    client.stream(sys.argv[2], submission(int(sys.argv[3])), batch_items=16).run()
"""
_KINDS, _ITEMS = 6, 400


class Tally:
    """What happened, and what must not."""

    def __init__(self) -> None:
        self.lives: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.items = 0
        self._lock = threading.Lock()

    def note(self, kind: str, items: int, wrong: str | None = None) -> None:
        """Count one life of a client."""
        with self._lock:
            self.lives[kind] += 1
            self.items += items
            if wrong is not None:
                self.wrong.append(wrong)


def submission(kind: int) -> list[Item]:
    """A share of the full case with refused items in it, the same for the same kind everywhere."""
    case: Case = full_case()
    chosen = np.random.default_rng(kind).choice(len(case.predictions), _ITEMS, replace=False)
    items: list[Item] = [case.predictions[i] for i in chosen.tolist()]
    items[::50] = [Prediction(0, i, Rle(768, 1024, b"torn"), score=0.5) for i in range(len(items[::50]))]
    return items


def expected(kind: int) -> bytes:
    """The report of scoring locally."""
    accumulator = Accumulator(full_case().truth)
    accumulator.add(submission(kind))
    return report_bytes(accumulator)


class Lives:
    """Ways for a client to live; each returns what is wrong, if something is."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._items = [submission(kind) for kind in range(_KINDS)]
        self._reports = [expected(kind) for kind in range(_KINDS)]
        self.ways: list[Callable[[random.Random], str | None]] = [
            self.orderly,
            self.unary,
            self.torn,
            self.killed,
            self.replaced,
            self.repeating,
            self.noise,
        ]

    def orderly(self, rng: random.Random) -> str | None:
        """One stream, batches of any size."""
        with Client(self._address) as client:
            session, kind = client.create_session(BENCHMARK).name, rng.randrange(_KINDS)
            client.stream(session, self._items[kind], batch_items=rng.choice([1, 16, 64, 256])).run()
            return self._finish(client, session, kind)

    def unary(self, rng: random.Random) -> str | None:
        """Calls instead of a stream."""
        with Client(self._address) as client:
            session, kind = client.create_session(BENCHMARK).name, rng.randrange(_KINDS)
            client.append(session, self._items[kind], batch_items=64)
            return self._finish(client, session, kind)

    def torn(self, rng: random.Random) -> str | None:
        """Streams that are given up in the middle, several times, and one that goes on to the end."""
        with Client(self._address) as client:
            session, kind = client.create_session(BENCHMARK).name, rng.randrange(_KINDS)
            for _ in range(3):
                stream = client.stream(session, self._items[kind], batch_items=16, snapshot_interval=0.001)
                for _ in zip(range(2), stream, strict=False):
                    pass
            client.stream(session, self._items[kind]).run()
            return self._finish(client, session, kind)

    def killed(self, rng: random.Random) -> str | None:
        """A client process that is killed in mid-stream; another goes on."""
        with Client(self._address) as client:
            session, kind = client.create_session(BENCHMARK).name, rng.randrange(_KINDS)
            command = [sys.executable, "-c", _VICTIM, self._address, session, str(kind)]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as victim:
                assert victim.stdout is not None
                victim.stdout.readline()
                time.sleep(rng.uniform(0, 0.5))
                victim.send_signal(signal.SIGKILL)
            client.stream(session, self._items[kind]).run()
            return self._finish(client, session, kind)

    def replaced(self, rng: random.Random) -> str | None:
        """Two writers on one session; the first may be fenced, and nothing is counted twice."""
        with Client(self._address) as client, Client(self._address) as rival:
            session, kind = client.create_session(BENCHMARK).name, rng.randrange(_KINDS)
            first = threading.Thread(target=_forgiving, args=(client, session, self._items[kind]))
            first.start()
            _forgiving(rival, session, self._items[kind])
            first.join()
            rival.stream(session, self._items[kind]).run()
            return self._finish(rival, session, kind)

    def repeating(self, rng: random.Random) -> str | None:
        """All items again, which changes nothing, and other ones in their place, which is refused."""
        with Client(self._address) as client:
            session, kind = client.create_session(BENCHMARK).name, rng.randrange(_KINDS)
            client.stream(session, self._items[kind]).run()
            client.stream(session, self._items[kind]).run()
            try:
                client.stream(session, self._items[(kind + 1) % _KINDS]).run()
            except ConflictError:
                return self._finish(client, session, kind)
            return "other items at the same offsets were taken"

    def noise(self, rng: random.Random) -> str | None:
        """Bytes that are no HTTP/2, a batch far behind a gap, and a stream that nobody reads."""
        host, _, port = self._address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(rng.randbytes(4096))
        with Client(self._address) as client:
            session = client.create_session(BENCHMARK).name
            stub: ScoringServiceStub = client._stub
            batch = pb.ItemBatch(offset=10**6, items=[pb.Item()])
            attach = pb.StreamPredictionsRequest(attach=pb.Attach(session=session))
            call = stub.StreamPredictions(iter([attach, pb.StreamPredictionsRequest(batch=batch)]))
            time.sleep(rng.uniform(0, 0.2))
            call.cancel()
            client.delete_session(session)
        return None

    def _finish(self, client: Client, session: str, kind: int) -> str | None:
        report = client.finalize(session, received=_ITEMS)
        client.delete_session(session)
        return None if report.content == self._reports[kind] else f"{session}: another report than locally"


def _forgiving(client: Client, session: str, items: list[Item]) -> None:
    try:
        client.stream(session, items, batch_items=16).run()
    except ClientError:
        return  # fenced by the other


def _live(lives: Lives, tally: Tally, seed: int, until: float) -> None:
    rng = random.Random(seed)
    while time.monotonic() < until:
        way = rng.choice(lives.ways)
        try:
            wrong = way(rng)
        except Exception as error:  # noqa: BLE001, whatever it was, it is told at the end
            wrong = f"{way.__name__}: {error!r:.200}"
        tally.note(way.__name__, _ITEMS, wrong)


def _megabytes(pid: int) -> float:
    """Resident memory of a process and its descendants (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")
    return (int(own[1].split()[0]) / 1024 if len(own) > 1 else 0.0) + sum(map(_megabytes, map(int, children)))


def main(
    minutes: Annotated[float, typer.Option(min=0.1, help="How long.")] = 30,
    clients: Annotated[int, typer.Option(min=1, help="How many at once.")] = 32,
) -> None:
    """Soak a server; exit code 1 when an item was lost or doubled, or a report differs."""
    full_case()
    tally, memory = Tally(), []
    with tempfile.TemporaryDirectory() as folder, server(str(Path(folder) / "state")) as (process, address):
        lives, until = Lives(address), time.monotonic() + 60 * minutes
        threads = [threading.Thread(target=_live, args=(lives, tally, seed, until)) for seed in range(clients)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            memory.append(_megabytes(process.pid))
            time.sleep(5)
        with Client(address) as client:
            left = sum(1 for _ in client.sessions())
        process.terminate()
        code = process.wait(60)
    fifth = max(1, len(memory) // 5)
    typer.echo(f"{clients} clients, {minutes:g} minutes: {tally.lives.total()} lives, {tally.items} items sent")
    typer.echo(", ".join(f"{kind} {count}" for kind, count in sorted(tally.lives.items())))
    typer.echo(
        f"memory of the server: {statistics.median(memory[fifth : 2 * fifth]):.0f} MB in the second fifth, "
        f"{statistics.median(memory[-fifth:]):.0f} MB in the last, {max(memory):.0f} MB at most"
    )
    typer.echo(f"{len(tally.wrong)} wrong, {left} sessions left, exit code {code} at SIGTERM")
    for wrong in tally.wrong[:20]:
        typer.echo(f"  {wrong}")
    if tally.wrong or code:
        os._exit(1)


if __name__ == "__main__":
    typer.run(main)
