"""The headline numbers, arranged to be read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pixret.metrics import Protocol
from pixret.reports import METRICS, ScoreReport

_TASKS = {"segmentation": "masks", "detection": "boxes"}
_NUMBERS = {"map_50_95": "mAP", "miou": "mIoU"}


class Cell(NamedTuple):
    """A number in [0, 1], or None and the number of the note that says why; `path` is the report's name of it."""

    path: str
    value: float | None
    note: int | None


class Row(NamedTuple):
    """One number in all protocols; `group` is what it is of, where rows come in groups."""

    group: str
    name: str
    cells: tuple[Cell, ...]


class Card(NamedTuple):
    """Numbers that belong together."""

    title: str
    about: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """Cards, and the reasons why numbers are not there, each once; a note's number is its place from 1."""

    cards: tuple[Card, ...]
    notes: tuple[str, ...]


def arrange_headline(report: ScoreReport) -> Headline:
    """Arrange the numbers that the table of `pixret score` shows."""
    notes: dict[str, int] = {}
    cards = tuple(
        Card(title, about, tuple(_rows(report, paths, notes)))
        for title, about, paths in (
            ("strict", "the question answered soundly", _convention_paths("strict")),
            ("official", "as the published scripts compute it", _convention_paths("official")),
            ("ranking and coverage", "without masks", _OTHER_PATHS),
        )
    )
    return Headline(cards, tuple(notes))


_OTHER_PATHS = [("", "ranking mAP", "strict.{}.ranking.map"), ("", "coverage", "coverage.{}")]


def _convention_paths(convention: str) -> list[tuple[str, str, str]]:
    return [
        (shown, name, f"{convention}.{{}}.{task}.{number}")
        for task, shown in _TASKS.items()
        for number, name in _NUMBERS.items()
    ]


def _rows(report: ScoreReport, paths: Iterable[tuple[str, str, str]], notes: dict[str, int]) -> Iterator[Row]:
    for group, name, pattern in paths:
        yield Row(group, name, tuple(_cell(report, pattern.format(protocol), notes) for protocol in Protocol))


def _cell(report: ScoreReport, path: str, notes: dict[str, int]) -> Cell:
    value, reason = METRICS[path].read(report)
    return Cell(path, value, None if reason is None else notes.setdefault(reason, len(notes) + 1))
