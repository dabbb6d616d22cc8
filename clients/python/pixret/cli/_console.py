"""Where the command line writes: results to stdout, progress and messages to stderr."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

T = TypeVar("T")

WRONG_INPUT = 2
"""Exit code for wrong input or usage."""

_WIDEST = 200  # columns; more than any table of ours has

# Without emoji, since names such as a:b:c are printed as they are.
results = Console(soft_wrap=True, highlight=False, emoji=False)
messages = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


class WholeTable(Table):
    """A table that keeps every digit: where the terminal is narrower, its lines run on."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the table out as wide as it is."""
        return super().__rich_console__(console, options.update(max_width=max(options.max_width, _WIDEST)))


@contextmanager
def progress(title: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar on stderr, when it is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, disable=not messages.is_terminal, transient=True) as bar:
        yield bar, bar.add_task(title, total=total)


def counted(items: Iterable[T], title: str, total: int | None) -> Iterator[T]:
    """Pass items through, and show how many there were."""
    with progress(title, total) as (bar, task):
        for item in items:
            yield item
            bar.advance(task)
