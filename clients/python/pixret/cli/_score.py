"""``pixret score``: a submission to a report, here or on a server."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixret.cli._console import WRONG_INPUT, counted, messages, results
from pixret.cli._render import rejection_lines, report_view

if TYPE_CHECKING:
    from pixret.metrics import GroundTruth, MeasurePool
    from pixret.submissions import Submission


def score(
    submission: Annotated[Path, typer.Argument(help="A .parquet, .jsonl or COCO .json file, or the authors' results.")],
    data: Annotated[Path, typer.Option(help="Folder of prepared tables.")],
    benchmark: Annotated[str | None, typer.Option(help="Which benchmark, when the folder holds several.")] = None,
    server: Annotated[str | None, typer.Option(help="HOST:PORT of a service to score on, instead of here.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report as JSON; - for stdout, without the table.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="results: folder of pixel-level to read.")] = None,
    ranking: Annotated[
        str | None, typer.Option(help="results: folder of image-level to read, or FOLDER/FILE where it holds several.")
    ] = None,
    strict_input: Annotated[bool, typer.Option("--strict-input", help="Exit with 2 when an item is rejected.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads, and processes for points; one a core.")] = None,
) -> None:
    """Score a submission under both conventions. Rejected items are named on stderr."""
    from pixret.metrics import MeasurePool
    from pixret.submissions import BenchmarkShape, open_submission
    from pixret.tables import read_ground_truth

    with MeasurePool(workers) if server is None else nullcontext() as pool:
        truth = read_ground_truth(data, benchmark)
        shape = BenchmarkShape(truth.benchmark, len(truth.query_ids), len(truth.image_ids))
        items = open_submission(submission, shape, method=method, ranking=ranking)
        content = _score_there(items, truth, server) if server is not None else _score_here(items, truth, pool)
    report = json.loads(content)
    for line in rejection_lines(report):
        messages.print(line, style="yellow", markup=False)
    _write(content, report, json_file)
    if strict_input and report["predictions"]["rejected"]:
        raise typer.Exit(WRONG_INPUT)


def _score_here(submission: "Submission", truth: "GroundTruth", pool: "MeasurePool | None") -> bytes:
    from pixret.metrics import Accumulator, report_bytes

    accumulator = Accumulator(truth, distractors=submission.distractors)
    accumulator.add(counted(submission, "scoring", submission.count), pool)
    return report_bytes(accumulator)


def _score_there(submission: "Submission", truth: "GroundTruth", address: str) -> bytes:
    from pixret.client import Client
    from pixret.submissions import Submission, SubmissionError

    with Client(address) as client:
        there = client.benchmark(truth.benchmark)
        if there.digest != truth.digest:
            raise SubmissionError(
                address, f"scores {truth.benchmark} against {there.digest}, and the prepared tables hold {truth.digest}"
            )
        watched = Submission(
            lambda: counted(submission, "sending", submission.count), submission.count, submission.distractors
        )
        return client.score(truth.benchmark, watched).content


def _write(content: bytes, report: dict[str, object], json_file: Path | None) -> None:
    if json_file == Path("-"):
        typer.echo(content, nl=False)
        return
    if json_file is not None:
        json_file.write_bytes(content)
    results.print(report_view(report))
