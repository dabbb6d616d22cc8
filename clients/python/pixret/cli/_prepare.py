"""``pixret prepare``: raw files to tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixret.cli._console import messages, progress, results

if TYPE_CHECKING:
    from pixret.tables import Manifest


def prepare(
    benchmark: Annotated[str, typer.Argument(help="proxford, prparis or mini.")],
    source: Annotated[Path, typer.Option(help="The authors' folder pixel_retrieval_benchmarks.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables; several benchmarks may share one.")],
    annotations_only: Annotated[
        bool, typer.Option("--annotations-only", help="Leave the images out. Required: images are not yet read.")
    ] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Record missing labels instead of refusing them.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; by default, one a core.")] = None,
) -> None:
    """Read the authors' files, check them, and write the tables that everything else works on."""
    if not annotations_only:
        raise typer.BadParameter("pass --annotations-only: images are not part of the tables yet", param_hint="prepare")
    from pixret.loader import prepare as prepare_tables

    with progress(f"preparing {benchmark}", None) as (bar, task):
        manifest = prepare_tables(
            benchmark,
            source,
            out,
            allow_missing=allow_missing,
            jobs=jobs,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _report(manifest, out)


def _report(manifest: "Manifest", out: Path) -> None:
    counts = manifest.counts
    results.print(
        f"{manifest.benchmark}: {counts.queries} queries, {counts.images} index images, {counts.easy} easy, "
        f"{counts.hard} hard and {counts.junk} junk pairs in {out / manifest.benchmark}",
        markup=False,
    )
    results.print(f"ground truth {manifest.ground_truth}", markup=False)
    notes = {
        "labels are missing": manifest.missing_labels,
        "labels are empty, or have a shape without points": manifest.empty_labels,
        "labels name another image than their pair": manifest.other_image_labels,
    }
    for note, pairs in notes.items():
        if pairs:
            messages.print(f"{len(pairs)} {note}: {', '.join(pairs)}", style="yellow", markup=False)
