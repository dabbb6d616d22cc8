"""``pixret browse``: contact sheets, as a page or as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixret.cli._console import messages, results
from pixret.cli._render import rejection_lines
from pixret.cli._submission import Method, Ranking

if TYPE_CHECKING:
    from pixret.browse import Album
    from pixret.submissions import Submission


def browse(
    data: Annotated[Path, typer.Option(help="Folder of prepared tables.")],
    benchmark: Annotated[str | None, typer.Option(help="Which benchmark, when the folder holds several.")] = None,
    query: Annotated[list[str] | None, typer.Option(help="A query by name or index; repeat it for more.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="FILE.html, by default that of the benchmark; FILE.png for one query; or a folder for a PNG a query."
        ),
    ] = None,
    submission: Annotated[Path | None, typer.Option(help="Draw its masks, too; as pixret score takes it.")] = None,
    method: Method = None,
    ranking: Ranking = None,
    limit: Annotated[int, typer.Option(min=1, help="Index images shown of each level of a query.")] = 12,
    thumbnail: Annotated[int, typer.Option(min=32, max=2048, help="Longest side of their pictures, in pixels.")] = 320,
) -> None:
    """Show queries beside their easy, hard and junk images, with the outlines of the masks."""
    from pixret.browse import collect_sheets
    from pixret.tables import read_manifest

    name = read_manifest(data, benchmark).benchmark
    target = Path(f"{name}.html") if out is None else out
    _check_target(target, query or [])
    items = None if submission is None else _open(submission, data, name, method, ranking)
    with messages.status(f"reading {name}"):
        album = collect_sheets(
            data,
            name,
            queries=query or [],
            limit=limit,
            side=thumbnail,
            submission=items,
            distractors=0 if items is None else items.distractors,
        )
        written = _write(album, target)
    _report(album, written)


def _check_target(target: Path, queries: list[str]) -> None:
    if target.suffix.lower() not in ("", ".html", ".png") and not target.is_dir():
        raise typer.BadParameter(f"{target} ends neither in .html nor in .png, and is no folder", param_hint="--out")
    if target.suffix.lower() == ".png" and len(queries) != 1:
        raise typer.BadParameter("a .png holds one query; give one --query, or a folder", param_hint="--out")


def _open(path: Path, data: Path, benchmark: str, method: str | None, ranking: str | None) -> "Submission":
    from pixret.submissions import BenchmarkShape, open_submission
    from pixret.tables import read_manifest

    counts = read_manifest(data, benchmark).counts
    return open_submission(
        path, BenchmarkShape(benchmark, counts.queries, counts.images), method=method, ranking=ranking
    )


def _write(album: "Album", target: Path) -> list[Path]:
    from pixret.browse import write_page, write_picture, write_pictures

    match target.suffix.lower():
        case ".html":
            write_page(album, target)
            return [target]
        case ".png":
            return [write_picture(album, album.sheets[0], target)]
        case _:
            return write_pictures(album, target)


def _report(album: "Album", written: list[Path]) -> None:
    from pixret.metrics import report

    if album.accumulator is not None:
        for line in rejection_lines(report(album.accumulator)):
            messages.print(line, style="yellow", markup=False)
    if album.annotations_only:
        messages.print(
            f"{album.benchmark}: the tables hold no images, so that labels are drawn on empty canvases; to have them, "
            "run pixret prepare without --annotations-only",
            style="yellow",
            markup=False,
        )
    kinds = f"{len(album.sheets)} {'query' if len(album.sheets) == 1 else 'queries'}"
    where = written[0] if len(written) == 1 else f"{len(written)} files in {written[0].parent}"
    size = sum(path.stat().st_size for path in written)
    cut = f", at most {album.limit} images of a level" if album.is_cut else ""
    results.print(f"{album.benchmark}: {kinds}{cut} in {where}, {size / 1e6:.1f} MB", markup=False)
