"""``pixret demo``: the whole path, from nothing to a report, live."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live

from pixret.cli._console import results
from pixret.cli._render import report_view, snapshot_table

if TYPE_CHECKING:
    from pixret.client import Report
    from pixret.metrics import Item
    from pixret.submissions import Submission

_BENCHMARK = "mini"
_BATCH = 16
_PAUSE = 0.06  # seconds between batches, so that one can watch the numbers grow

_NEXT = """
The same with your own data:
  pixret prepare proxford --source pixel_retrieval_benchmarks --annotations-only --out data
  pixret score submission.parquet --data data
or with a server between:
  pixret serve --data data --listen 127.0.0.1:50051
  pixret score submission.parquet --data data --server 127.0.0.1:50051
"""


def demo(
    keep: Annotated[Path | None, typer.Option(help="Folder to leave the benchmark and the tables in.")] = None,
) -> None:
    """Draw a benchmark, prepare it, serve it, stream a submission and watch mAP and mIoU grow."""
    from pixret.loader import prepare
    from pixret.submissions import open_submission
    from pixret.synth import write_mini

    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pixret-demo-")))
        raw, data = folder / "raw", folder / "data"
        results.print("1. drawing the mini benchmark", markup=False)
        write_mini(raw)
        results.print("2. preparing its tables", markup=False)
        prepare(_BENCHMARK, raw / "pixel_retrieval_benchmarks", data, annotations_only=True)
        results.print("3. starting a scoring server", markup=False)
        address = stack.enter_context(_server(data))
        results.print(f"4. streaming the submission 'good' to {address}", markup=False)
        report = _stream(address, open_submission(raw / "submissions" / "good.jsonl"))
        results.print(report_view(report.data))
    results.print(_NEXT, markup=False)


@contextmanager
def _server(data: Path) -> Iterator[str]:
    """Run `pixret serve` in a process of its own; yields its address."""
    command = [sys.executable, "-m", "pixret.cli", "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603 - our own module
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("listening on "):
                raise OSError("the scoring server did not start; run `pixret serve` by hand to see why")
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()


def _stream(address: str, submission: "Submission") -> "Report":
    from pixret.client import Client

    with Client(address) as client:
        session = client.create_session(_BENCHMARK, display_name="demo")
        stream = client.stream(session.name, _slowly(submission), snapshot_interval=0.25, batch_items=_BATCH)
        with Live(console=results, refresh_per_second=8, transient=True) as live:
            for snapshot in stream:
                live.update(snapshot_table(snapshot, f"{snapshot.received} predictions scored"))
        return client.finalize(session.name, received=stream.committed_offset)


def _slowly(submission: "Submission") -> "Iterator[Item]":
    for count, item in enumerate(submission):
        if count % _BATCH == 0:
            time.sleep(_PAUSE)
        yield item
