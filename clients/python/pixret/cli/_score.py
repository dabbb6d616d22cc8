"""``pixret score``: a submission to a report, here or on a server."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixret.cli._connection import TlsCa, TlsCertificate, TlsKey, TokenFile, UseTls, check_server_named, connect
from pixret.cli._console import WRONG_INPUT, counted, messages, results
from pixret.cli._ending import write_file
from pixret.cli._gating import (
    GATE_FAILED,
    Baseline,
    FailUnder,
    Gates,
    Junit,
    Markdown,
    MaxDrop,
    Outlets,
    pass_gates,
    read_gates,
)
from pixret.cli._render import rejection_lines, report_view
from pixret.cli._signing import Sign
from pixret.cli._submission import Method, Ranking

if TYPE_CHECKING:
    from pixret.client import Client, Report
    from pixret.metrics import GroundTruth, MeasurePool
    from pixret.signing import SigningKey
    from pixret.submissions import Submission


def score(
    submission: Annotated[Path, typer.Argument(help="A .parquet, .jsonl or COCO .json file, or the authors' results.")],
    data: Annotated[Path, typer.Option(help="Folder of prepared tables.")],
    benchmark: Annotated[str | None, typer.Option(help="Which benchmark, when the folder holds several.")] = None,
    server: Annotated[str | None, typer.Option(help="HOST:PORT of a service to score on, instead of here.")] = None,
    tls: UseTls = False,
    tls_ca: TlsCa = None,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    token_file: TokenFile = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report as JSON; - for stdout, without the table.")
    ] = None,
    sign: Sign = None,
    method: Method = None,
    ranking: Ranking = None,
    strict_input: Annotated[bool, typer.Option("--strict-input", help="Exit with 2 when an item is rejected.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads, and processes for points; one a core.")] = None,
    fail_under: FailUnder = None,
    baseline: Baseline = None,
    max_drop: MaxDrop = None,
    gates_json: Annotated[
        Path | None, typer.Option(rich_help_panel="Gates", help="Write the outcomes as JSON.")
    ] = None,
    markdown: Markdown = None,
    junit: Junit = None,
) -> None:
    """Score a submission under both conventions. Rejected items are named on stderr."""
    from pixret.client import Report
    from pixret.metrics import MeasurePool
    from pixret.submissions import BenchmarkShape, open_submission
    from pixret.tables import read_ground_truth

    check_server_named(server, tls, tls_ca, tls_certificate, tls_key, token_file)
    gates, outlets = read_gates(fail_under, baseline, max_drop), Outlets(gates_json, markdown, junit)
    if gates is None and outlets != Outlets(None, None, None):
        raise typer.BadParameter("they tell of gates; give --fail-under or --max-drop, too", param_hint="outputs")
    signing_key = _signing_key(sign, json_file)
    with MeasurePool(workers) if server is None else nullcontext() as pool:
        truth = read_ground_truth(data, benchmark)
        shape = BenchmarkShape(truth.benchmark, len(truth.query_ids), len(truth.image_ids))
        items = open_submission(submission, shape, method=method, ranking=ranking)
        if server is None:
            scored = Report(_score_here(items, truth, pool))
        else:
            with connect(
                server, tls=tls, ca=tls_ca, certificate=tls_certificate, key=tls_key, token_file=token_file
            ) as client:
                scored = _score_there(items, truth, client, server)
    content, report = scored.content, scored.data
    for line in rejection_lines(report):
        messages.print(line, style="yellow", markup=False)
    _write(content, report, json_file)
    _write_signature(scored, signing_key, json_file)
    passed = gates is None or _pass(gates, content, outlets, json_file)
    if strict_input and report["predictions"]["rejected"]:
        raise typer.Exit(WRONG_INPUT)
    if not passed:
        raise typer.Exit(GATE_FAILED)


def _signing_key(sign: Path | None, json_file: Path | None) -> "SigningKey | None":
    """The key, read before anything is scored."""
    from pixret.signing import read_signing_key

    if sign is None:
        return None
    if json_file in (None, Path("-")):
        raise typer.BadParameter("the signature goes beside the report; give --json FILE, too", param_hint="--sign")
    return read_signing_key(sign)


def _score_here(submission: "Submission", truth: "GroundTruth", pool: "MeasurePool | None") -> bytes:
    from pixret.metrics import Accumulator, report_bytes

    accumulator = Accumulator(truth, distractors=submission.distractors)
    accumulator.add(counted(submission, "scoring", submission.count), pool)
    return report_bytes(accumulator)


def _score_there(submission: "Submission", truth: "GroundTruth", client: "Client", address: str) -> "Report":
    from pixret.submissions import Submission, SubmissionError

    there = client.benchmark(truth.benchmark)
    if there.digest != truth.digest:
        raise SubmissionError(
            address, f"scores {truth.benchmark} against {there.digest}, and the prepared tables hold {truth.digest}"
        )
    watched = Submission(
        lambda: counted(submission, "sending", submission.count), submission.count, submission.distractors
    )
    return client.score(truth.benchmark, watched)


def _pass(gates: Gates, content: bytes, outlets: Outlets, json_file: Path | None) -> bool:
    from pixret.reports import parse_report

    name = str(json_file) if json_file not in (None, Path("-")) else "the report"
    console = messages if json_file == Path("-") else results
    return pass_gates(gates, parse_report(content, name), name, outlets, console)


def _write(content: bytes, report: dict[str, object], json_file: Path | None) -> None:
    if json_file == Path("-"):
        typer.echo(content, nl=False)
        return
    if json_file is not None:
        write_file(json_file, content)
    results.print(report_view(report))


def _write_signature(report: "Report", key: "SigningKey | None", json_file: Path | None) -> None:
    """Write the signature beside the report: by the key given, or that of a server that signs."""
    from pixret.signing import sign_report, signature_path

    if json_file is None or json_file == Path("-"):
        return
    signature = report.signature if key is None else sign_report(report.content, key)
    if signature is not None:
        write_file(signature_path(json_file), signature)
