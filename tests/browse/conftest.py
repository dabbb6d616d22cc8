"""Benchmarks to browse: mini itself, one with hostile names, and one of 70 queries."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from prepared import add_images, write_tables

from pixret.browse import Album, collect_sheets
from pixret.metrics import GroundTruth, JudgedPair, Label, Level
from pixret.synth import MiniSummary
from pixret.tables import read_ground_truth

HOSTILE = '<script>alert("x")</script>&{{ 7 * 7 }}'
CLIMBING = "../../climbs out"


@pytest.fixture(scope="session")
def drawn(mini_summary: MiniSummary) -> dict[str, Path]:
    """The drawn images of mini, by name."""
    return {path.stem: path for path in sorted((mini_summary.out / "images").iterdir())}


@pytest.fixture(scope="session")
def mini(plain_tables: Path) -> GroundTruth:
    return read_ground_truth(plain_tables)


@pytest.fixture(scope="session")
def album(image_tables: Path) -> Album:
    """All of mini."""
    return collect_sheets(image_tables, side=64)


@pytest.fixture(scope="session")
def hostile_tables(mini: GroundTruth, drawn: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two queries whose names are attacks, as are those of their images."""
    pairs = [pair for pair in mini.pairs if pair.query_index < 2]
    queries = (HOSTILE, CLIMBING)
    images = tuple(f"{HOSTILE}{i}" for i in range(len(mini.image_ids)))
    truth = GroundTruth("mini", queries, images, tuple(pairs))
    folder = tmp_path_factory.mktemp("hostile")
    write_tables(folder, truth, [(10.0, 10.0, 200.0, 200.0)] * 2)
    sources = {name: drawn[image] for name, image in zip(images, mini.image_ids, strict=True)}
    add_images(folder / "mini", sources | dict.fromkeys(queries, drawn[mini.query_ids[0]]))
    return folder


@pytest.fixture(scope="session")
def many_tables(mini: GroundTruth, drawn: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy queries with a dozen easy, a dozen hard and six junk images each, as the large benchmarks have them."""
    truth = GroundTruth("mini", tuple(f"query_{q:02d}" for q in range(70)), mini.image_ids, tuple(_many_pairs(mini)))
    folder = tmp_path_factory.mktemp("many")
    write_tables(folder, truth, [(40.0, 40.0, 240.0, 220.0)] * 70)
    views = {name: drawn[mini.query_ids[q % len(mini.query_ids)]] for q, name in enumerate(truth.query_ids)}
    add_images(folder / "mini", drawn | views)
    return folder


def _many_pairs(mini: GroundTruth) -> Iterator[JudgedPair]:
    labels: dict[int, Label] = {pair.image_index: pair.label for pair in mini.pairs if pair.label is not None}
    unlabelled = sorted(set(range(len(mini.image_ids))) - set(labels))
    for query in range(70):
        shown = [*islice(_from(sorted(labels), 5 * query), 24)]
        for place, image in enumerate(shown):
            yield JudgedPair(query, image, Level.EASY if place < 12 else Level.HARD, labels[image])
        for image in islice(_from(unlabelled, query), 6):
            yield JudgedPair(query, image, Level.JUNK, None)


def _from(values: list[int], start: int) -> Iterator[int]:
    return (values[(start + step) % len(values)] for step in range(len(values)))
