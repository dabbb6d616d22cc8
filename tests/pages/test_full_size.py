"""The size of PRParis, ranked among the million distractors of R1M: a page that one can still send to somebody."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from markup import Page
from paged import Case
from prepared import write_tables

from pixret.metrics import (
    Accumulator,
    GroundTruth,
    Item,
    JudgedPair,
    Label,
    Level,
    Mask,
    Prediction,
    Ranking,
    Rle,
    report_bytes,
)
from pixret.pages import ReportPage, collect_evidence, write_report_page

pytestmark = pytest.mark.slow
QUERIES, IMAGES, DISTRACTORS = 70, 6_322, 1_001_001
EASY, HARD, JUNK = 98, 148, 102  # of each query
SIDE = 64  # small masks, since what counts is how many there are


@dataclass(frozen=True)
class Items:
    """A ranking of every query and a mask for every positive, drawn anew each time that one iterates."""

    truth: GroundTruth

    def __iter__(self) -> Iterator[Item]:
        rng = np.random.default_rng(3)
        for query in range(QUERIES):
            yield Ranking(query, rng.permutation(IMAGES + DISTRACTORS))
        for pair in self.truth.pairs:
            if pair.label is not None:
                mask = box(rng)
                yield Prediction(pair.query_index, pair.image_index, Rle(SIDE, SIDE, mask.counts))


def box(rng: np.random.Generator) -> Mask:
    x, y = rng.integers(0, 24, 2).tolist()
    return Mask.from_box((x, y, 36, 36), SIDE, SIDE)


def full_truth() -> GroundTruth:
    rng = np.random.default_rng(2)
    levels = [Level.EASY] * EASY + [Level.HARD] * HARD + [Level.JUNK] * JUNK
    pairs = []
    for query in range(QUERIES):
        for image, level in zip(rng.choice(IMAGES, len(levels), replace=False).tolist(), levels, strict=True):
            label = None if level is Level.JUNK else Label(box(rng), (np.array([[1.0, 1.0], [9.0, 1.0], [9.0, 9.0]]),))
            pairs.append(JudgedPair(query, image, level, label))
    names = tuple(f"all_souls_{i:06}" for i in range(QUERIES)), tuple(f"paris_general_{i:06}" for i in range(IMAGES))
    return GroundTruth("full", *names, tuple(pairs), (57, 59))


def test_a_page_of_full_size_with_a_million_distractors_stays_small(tmp_path: Path) -> None:
    truth = full_truth()
    items = Items(truth)
    write_tables(tmp_path, truth, [(0.0, 0.0, 9.0, 9.0)] * QUERIES)
    accumulator = Accumulator(truth, distractors=DISTRACTORS)
    accumulator.add(items)
    case = Case(truth, (), report_bytes(accumulator), tmp_path)
    evidence = collect_evidence(case.content, truth, items, case.gallery, distractors=DISTRACTORS)
    write_report_page(ReportPage(case.content, "report.json", evidence=evidence), tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size < 1_000_000
    page = Page(tmp_path / "page.html")
    assert f"{DISTRACTORS} distractors." in page.words
    assert sum("aria-sort" in each for each in page.all("th")) == 1
    assert page.words.count(str(IMAGES + DISTRACTORS)) == 12 * QUERIES
