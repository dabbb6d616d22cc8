"""``pixret prepare``: raw files to tables."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixret.cli._console import messages, progress, results
from pixret.cli._download import DownloadOptions, check_use, fetch_distractors, fetch_source

if TYPE_CHECKING:
    from pixret.loader import Progress
    from pixret.tables import Manifest

_PANEL = "Downloads"
_SHOWN = 20  # names in a line


def prepare(
    benchmark: Annotated[str, typer.Argument(help="proxford, prparis or mini; or r1m, the distractors.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables; several benchmarks may share one.")],
    source: Annotated[
        Path | None, typer.Option(help="The authors' folder pixel_retrieval_benchmarks; of r1m, that of the archives.")
    ] = None,
    download: Annotated[
        bool,
        typer.Option(
            "--download",
            rich_help_panel=_PANEL,
            help="Get the authors' files, instead of --source: some GB with images.",
        ),
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=_PANEL, help="Folder for downloads; by default, pixret in the user's cache folder."
        ),
    ] = None,
    have: Annotated[
        list[Path] | None,
        typer.Option(rich_help_panel=_PANEL, help="Folder with files that were downloaded before; may be given again."),
    ] = None,
    mirror: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=_PANEL,
            help="Address of a folder with the files, asked before the others; may be given again.",
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            rich_help_panel=_PANEL,
            help="Make no connection: take what is downloaded, or say what is missing.",
        ),
    ] = False,
    images: Annotated[
        list[Path] | None,
        typer.Option(help="Folder or archive of images, several if need be; by default what lies beside the source."),
    ] = None,
    variant: Annotated[
        Literal["original", "v1"] | None,
        typer.Option(help="Which images are meant: the first release, or v1, with blurred faces."),
    ] = None,
    annotations_only: Annotated[bool, typer.Option("--annotations-only", help="Leave the images out.")] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Record missing labels and images instead of refusing them.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; by default, one a core.")] = None,
) -> None:
    """Read the authors' files, check them, and write the tables that everything else works on."""
    from pixret.loader import DISTRACTORS
    from pixret.loader import prepare as prepare_tables

    downloads = DownloadOptions(download, cache, tuple(have or ()), tuple(mirror or ()), offline)
    check_use(downloads, source)
    if benchmark == DISTRACTORS:
        if images or variant or annotations_only:
            raise typer.BadParameter("r1m is the images of its archives; leave the other options of images out")
        _prepare_distractors(source or fetch_distractors(downloads), out, allow_missing=allow_missing, jobs=jobs)
        return
    if source is None:
        fetched = fetch_source(benchmark, downloads, images=not (annotations_only or images), variant=variant)
        source, images = fetched.source, images or list(fetched.images)
    with _shown(benchmark) as show:
        manifest = prepare_tables(
            benchmark,
            source,
            out,
            images=images or None,
            variant=variant,
            annotations_only=annotations_only,
            allow_missing=allow_missing,
            jobs=jobs,
            on_progress=show,
        )
    _report(manifest, out)


@contextmanager
def _shown(benchmark: str) -> Iterator["Progress"]:
    """A progress bar, and the function that moves it."""
    with progress(f"preparing {benchmark}", None) as (bar, task):
        yield lambda doing, done, total: bar.update(task, description=doing, completed=done, total=total)


def _report(manifest: "Manifest", out: Path) -> None:
    counts = manifest.counts
    results.print(
        f"{manifest.benchmark}: {counts.queries} queries, {counts.images} index images, {counts.easy} easy, "
        f"{counts.hard} hard and {counts.junk} junk pairs in {out / manifest.benchmark}",
        markup=False,
    )
    results.print(f"ground truth {manifest.ground_truth}", markup=False)
    notes: dict[str, tuple[str, ...]] = {
        "labels are missing": manifest.missing_labels,
        "labels are empty, or have a shape without points": manifest.empty_labels,
        "labels name another image than their pair": manifest.other_image_labels,
    }
    if manifest.images is not None:
        held = ", ".join(f"{count} in {name}" for name, count in manifest.images.sources.items())
        results.print(
            f"images sha256:{manifest.images.sha256}, variant {manifest.images.variant}: {held}", markup=False
        )
        notes["images are missing"] = manifest.images.missing
        notes["queries have a box that reaches beyond their image"] = manifest.images.boxes_beyond
    _note(notes)


def _prepare_distractors(source: Path, out: Path, *, allow_missing: bool, jobs: int | None) -> None:
    from pixret.loader import DISTRACTORS, prepare_distractors

    with _shown(DISTRACTORS) as show:
        manifest = prepare_distractors(source, out, allow_missing=allow_missing, jobs=jobs, on_progress=show)
    held = f"{manifest.images} of {manifest.listed} distractors from {len(manifest.archives)} archives"
    results.print(f"{manifest.benchmark}: {held} in {out / manifest.benchmark}", markup=False)
    faults = tuple(f"{name} {fault}" for name, fault in manifest.unreadable.items())
    _note({"images are missing": manifest.missing, "images cannot be used": faults})


def _note(notes: Mapping[str, tuple[str, ...]]) -> None:
    for note, names in notes.items():
        if names:
            rest = f" and {len(names) - _SHOWN} more, which the manifest names" if len(names) > _SHOWN else ""
            shown = ", ".join(names[:_SHOWN])
            messages.print(f"{len(names)} {note}: {shown}{rest}", style="yellow", markup=False)
