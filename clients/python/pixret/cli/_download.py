"""Downloading for ``pixret prepare --download``, with a progress bar."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    from pixret.downloads import Fetched
    from pixret.downloads import Progress as OnProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadOptions:
    """What the options of a command say on downloads; None for `cache` is the user's cache folder."""

    cache: Path | None
    have: tuple[Path, ...]
    mirrors: tuple[str, ...]
    offline: bool


def download(benchmark: str, options: DownloadOptions, *, images: bool, unwanted: Collection[str] = ()) -> "Fetched":
    """Have the authors' files of a benchmark, without the archives whose names are `unwanted`."""
    from platformdirs import user_cache_path

    from pixret.downloads import Whereabouts, fetch

    with _shown_progress() as on_progress:
        where = Whereabouts(
            cache=options.cache or user_cache_path("pixret"),
            have=options.have,
            mirrors=options.mirrors,
            offline=options.offline,
            on_progress=on_progress,
        )
        return fetch(benchmark, where, images=images, unwanted=unwanted)


@contextmanager
def _shown_progress() -> Iterator["OnProgress"]:
    """A bar with rate and remaining time for every file, on stderr when it is a terminal."""
    measures = DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    columns = TextColumn("{task.description}"), BarColumn(), *measures
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=messages, disable=not messages.is_terminal, transient=True) as bar:

        def show(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done, total=total)

        yield show
