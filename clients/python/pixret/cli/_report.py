"""``pixret report``: a stored report as a page for people."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixret.cli._console import counted, messages, results
from pixret.cli._submission import Method, Ranking

if TYPE_CHECKING:
    from pixret.metrics import GroundTruth
    from pixret.pages import Evidence, Gallery
    from pixret.submissions import Submission


def report(
    report_file: Annotated[Path, typer.Argument(metavar="report", help="A report that pixret score --json wrote.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of the prepared tables, to check that it was scored with them.")
    ] = None,
    submission: Annotated[
        Path | None,
        typer.Option(help="What was scored, as pixret score takes it; scored again, it gives curves and pairs."),
    ] = None,
    method: Method = None,
    ranking: Ranking = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of image files, for tables that were prepared without.")
    ] = None,
    pairs: Annotated[int, typer.Option(min=0, max=100, help="Pairs shown, of the best and of the worst.")] = 6,
    key: Annotated[Path | None, typer.Option(help="Public key of whoever signed the report.")] = None,
    signature: Annotated[
        Path | None, typer.Option(help="The signature; by default REPORT.sig, if it is there.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads, and processes for points; one a core.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The page; by default REPORT with .html.")] = None,
) -> None:
    """Show a report as one page: numbers, curves, queries, best and worst pairs."""
    from pixret.pages import Gallery, ReportPage, check_truth, require_matplotlib, write_report_page
    from pixret.reports import parse_report
    from pixret.tables import read_ground_truth

    content, name = report_file.read_bytes(), str(report_file)
    target = report_file.with_suffix(".html") if out is None else out
    _check_usage(target, data, submission, {"--images": images, "--method": method, "--ranking": ranking})
    require_matplotlib()
    scored = parse_report(content, name)
    is_signed, signed_by = _check_signature(content, report_file, key, signature)
    evidence = None
    if data is not None:
        truth = read_ground_truth(data, scored.benchmark)
        check_truth(scored, truth, name)
        if submission is not None:
            items = _open(submission, truth, method, ranking)
            gallery = Gallery(data, truth.benchmark, images)
            evidence = _collect(content, truth, items, gallery, (name, str(submission)), pairs, workers)
    with messages.status(f"drawing {target}"):
        write_report_page(ReportPage(content, report_file.name, is_signed, signed_by, evidence), target)
    results.print(f"{scored.benchmark}: {target}, {target.stat().st_size / 1e6:.1f} MB", markup=False)


def _check_usage(target: Path, data: Path | None, submission: Path | None, of_submission: dict[str, object]) -> None:
    if target.suffix.lower() != ".html":
        raise typer.BadParameter(f"{target} does not end in .html", param_hint="--out")
    if submission is not None and data is None:
        raise typer.BadParameter("it is scored again, which takes --data", param_hint="--submission")
    for option, value in of_submission.items():
        if value is not None and submission is None:
            raise typer.BadParameter("it is about the submission; give --submission, too", param_hint=option)


def _check_signature(
    content: bytes, report_file: Path, key: Path | None, signature: Path | None
) -> tuple[bool, str | None]:
    """Whether there is a signature, and the key that it was verified with. Raises SigningError when it is false."""
    from pixret.signing import read_verifying_key, signature_path, verify_report

    path = signature or signature_path(report_file)
    if key is None:
        return path.is_file(), None
    return True, verify_report(content, path.read_bytes(), read_verifying_key(key), str(report_file)).key


def _open(path: Path, truth: "GroundTruth", method: str | None, ranking: str | None) -> "Submission":
    from pixret.submissions import BenchmarkShape, open_submission

    shape = BenchmarkShape(truth.benchmark, len(truth.query_ids), len(truth.image_ids))
    return open_submission(path, shape, method=method, ranking=ranking)


def _collect(
    content: bytes,
    truth: "GroundTruth",
    submission: "Submission",
    gallery: "Gallery",
    names: tuple[str, str],
    pairs: int,
    workers: int | None,
) -> "Evidence":
    from pixret.metrics import MeasurePool
    from pixret.pages import collect_evidence
    from pixret.submissions import Submission

    watched = Submission(lambda: counted(submission, "reading the submission", submission.count), submission.count)
    with MeasurePool(workers) as pool:
        return collect_evidence(
            content, truth, watched, gallery, names=names, distractors=submission.distractors, pairs=pairs, pool=pool
        )
