"""Clients of all languages against the same server: what each takes for a full submission, and for an empty one."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.case import BENCHMARK, full_case
from bench.streaming import server
from bench.timing import table
from pixret.metrics import Prediction, Rle

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/conformance"))

from kits import JOB, KITS

_BATCH_ITEMS = 256


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run of a client: on the clock, and of the processors, those of the server left out."""

    clock: float
    processor: float

    def less(self, other: "Cost") -> "Cost":
        """What is above another."""
        return Cost(self.clock - other.clock, self.processor - other.processor)


_NEVER = Cost(float("inf"), float("inf"))


def measure(rounds: int) -> str:
    """The table of this module, of the clients whose toolchain is here."""
    with tempfile.TemporaryDirectory() as name, server() as (_, address):
        folder = Path(name)
        commands = {client: kit.build(_made(folder / client)) for client, kit in KITS.items() if kit.missing is None}
        empty, full = _job(folder, address, []), _job(folder, address, full_case().predictions)
        starts, wholes = dict.fromkeys(commands, _NEVER), dict.fromkeys(commands, _NEVER)
        for _ in range(rounds):
            for client, command in commands.items():
                starts[client] = _lesser(starts[client], _run(command, empty))
                wholes[client] = _lesser(wholes[client], _run(command, full))
    return _table(starts, {client: whole.less(starts[client]) for client, whole in wholes.items()})


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _job(folder: Path, address: str, predictions: list[Prediction]) -> Path:
    """A job for a client's driver, whose items lie beside it in JSON Lines."""
    items, job = folder / f"{len(predictions)}.jsonl", folder / f"{len(predictions)}.json"
    items.write_text("".join(map(_line, predictions)))
    changes = {"server": address, "benchmark": BENCHMARK, "items": str(items), "batch_items": _BATCH_ITEMS}
    job.write_text(json.dumps(JOB | changes))
    return job


def _line(prediction: Prediction) -> str:
    assert isinstance(prediction.region, Rle)
    segmentation = {
        "size": [prediction.region.height, prediction.region.width],
        "counts": bytes(prediction.region.counts).decode(),
    }
    row = {"query_index": prediction.query, "image_index": prediction.image, "score": prediction.score}
    return json.dumps(row | {"segmentation": segmentation}) + "\n"


def _run(command: list[str], job: Path) -> Cost:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*command, str(job)], stdout=subprocess.PIPE, check=True)
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(done.stdout)
    if result["error"] is not None:
        raise RuntimeError(f"{' '.join(command)}: {result['error']}")
    return Cost(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _lesser(one: Cost, other: Cost) -> Cost:
    return Cost(min(one.clock, other.clock), min(one.processor, other.processor))


def _table(starts: Mapping[str, Cost], sending: Mapping[str, Cost]) -> str:
    count = len(full_case().predictions)
    best = min(each.clock for each in sending.values())
    rows = [
        (
            client,
            f"{starts[client].clock:.2f}",
            f"{1e6 * sent.clock / count:.1f}",
            f"{1e6 * sent.processor / count:.1f}",
            f"{best / sent.clock:.2f}",
        )
        for client, sent in sending.items()
    ]
    head = ("client", "s for an empty submission", "us an item beyond", "of these, its own processor", "throughput")
    return table(f"A full submission by every client, {count} pairs as RLE in JSON Lines", head, rows)
