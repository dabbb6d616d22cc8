"""Downloading for ``pixret prepare --download``, with a progress bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from pixret.cli._console import messages

if TYPE_CHECKING:
    from pixret.downloads import Fetched, Whereabouts
    from pixret.downloads import Progress as OnProgress


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """What the options of a command say on downloads; None for `cache` is the user's cache folder."""

    wanted: bool
    cache: Path | None
    have: tuple[Path, ...]
    mirrors: tuple[str, ...]
    offline: bool


def check_use(options: DownloadOptions, source: Path | None) -> None:
    """Refuse options that contradict one another: files are either given or downloaded."""
    if options.wanted == (source is not None):
        raise typer.BadParameter("give --source, the authors' folder, or --download, which gets it")
    named = {
        "--cache": options.cache,
        "--have": options.have,
        "--mirror": options.mirrors,
        "--offline": options.offline,
    }
    stray = next((name for name, value in named.items() if value), None)
    if stray and not options.wanted:
        raise typer.BadParameter(f"{stray} says how to download; add --download, and leave --source out")


def fetch_source(
    benchmark: str, options: DownloadOptions, *, images: bool, variant: Literal["original", "v1"] | None
) -> "Fetched":
    """Have the authors' files of a benchmark, with images of the variant that is meant, if one is."""
    from pixret.downloads import fetch

    with _whereabouts(options) as where:
        return fetch(benchmark, where, images=images, unwanted=_unwanted(benchmark, variant))


def fetch_distractors(options: DownloadOptions) -> Path:
    """Have the list and the archives of the distractors, in the folder that is returned."""
    from pixret import downloads

    if options.have:
        raise typer.BadParameter("the distractors are prepared from one folder; give it as --source, not as --have")
    with _whereabouts(options) as where:
        downloads.fetch_files(downloads.DISTRACTORS, where)
        return where.cache


@contextmanager
def _whereabouts(options: DownloadOptions) -> Iterator["Whereabouts"]:
    from platformdirs import user_cache_path

    from pixret.downloads import Whereabouts

    with _shown_progress() as on_progress:
        yield Whereabouts(
            cache=options.cache or user_cache_path("pixret"),
            have=options.have,
            mirrors=options.mirrors,
            offline=options.offline,
            on_progress=on_progress,
        )


def _unwanted(benchmark: str, variant: Literal["original", "v1"] | None) -> tuple[str, ...]:
    """Names of the archives of the other variant than the one that is meant."""
    from pixret.rawfiles import RAW_BENCHMARKS

    if variant is None or benchmark not in RAW_BENCHMARKS:
        return ()
    raw = RAW_BENCHMARKS[benchmark]
    return raw.blurred_archives if variant == "original" else raw.original_archives


@contextmanager
def _shown_progress() -> Iterator["OnProgress"]:
    """A bar with rate and remaining time for the file that is downloaded, on stderr when it is a terminal."""
    measures = DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    columns = TextColumn("{task.description}"), BarColumn(), *measures
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=messages, disable=not messages.is_terminal, transient=True) as bar:

        def show(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done, total=total, visible=done != total)

        yield show
