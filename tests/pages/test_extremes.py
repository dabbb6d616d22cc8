"""The pairs that are shown, and their pictures."""

from pathlib import Path

import pytest
from paged import Case
from PIL import Image

from pixret.browse import Findings
from pixret.loader import LoadError
from pixret.metrics import Level
from pixret.pages import Gallery, PageError
from pixret.pages._extremes import Extremes, ShownPair, find_extremes
from pixret.tables import read_stored


@pytest.fixture(scope="module")
def findings(case: Case) -> Findings:
    return Findings(case.truth, case.items)


def keys(pairs: tuple[ShownPair, ...]) -> list[tuple[int, int]]:
    return [(pair.query.index, pair.card.image.index) for pair in pairs]


def ious(pairs: tuple[ShownPair, ...]) -> list[float]:
    return [pair.card.finding.iou for pair in pairs if pair.card.finding and pair.card.finding.iou is not None]


@pytest.mark.parametrize("count", [0, 1, 5, 18, 100])
def test_best_and_worst_come_first_and_none_comes_twice(case: Case, findings: Findings, count: int) -> None:
    extremes: Extremes = find_extremes(findings, case.gallery, count)
    found = {
        (query, image): each.strict.segmentation
        for query, image, each in findings.accumulator.pair_measurements()
        if each.found
    }
    by_size = sorted(found.values())
    assert extremes.found == len(found) == 36
    assert len(extremes.best) == len(extremes.worst) == min(count, 18)
    assert ious(extremes.best) == by_size[::-1][: len(extremes.best)]
    assert ious(extremes.worst) == by_size[: len(extremes.worst)]
    shown = keys(extremes.best) + keys(extremes.worst)
    assert len(set(shown)) == len(shown)
    assert [found[key] for key in shown] == ious(extremes.best) + ious(extremes.worst)
    assert extremes.images == extremes.queries == {}


def test_a_pair_is_shown_with_both_masks(case: Case, findings: Findings) -> None:
    labels = {(pair.query_index, pair.image_index): pair.label for pair in case.truth.pairs}
    for pair in find_extremes(findings, case.gallery, 4).best:
        label = labels[pair.query.index, pair.card.image.index]
        assert label
        assert pair.card.mask == label.mask
        assert pair.card.finding
        assert pair.card.finding.mask
        assert pair.card.level in {Level.EASY, Level.HARD}


def pictures(case: Case, folder: Path, size: tuple[int, int]) -> Gallery:
    """Image files of everything, in a folder."""
    folder.mkdir()
    for name in (*case.truth.query_ids, *case.truth.image_ids):
        Image.new("RGB", size).save(folder / f"{name}.png")
    return Gallery(case.data, case.truth.benchmark, folder)


def test_pictures_come_from_a_folder_each_once(case: Case, findings: Findings, tmp_path: Path) -> None:
    extremes = find_extremes(findings, pictures(case, tmp_path / "images", (64, 48)), 4)
    pairs = extremes.best + extremes.worst
    assert set(extremes.images) == {pair.card.image.index for pair in pairs}
    assert set(extremes.queries) == {pair.query.index for pair in pairs}
    assert {(one.width, one.height) for one in extremes.images.values()} == {(32, 24)}  # the canvas of the labels
    assert {(one.width, one.height) for one in extremes.queries.values()} == {(64, 48)}


def test_a_picture_of_another_shape_than_the_tables_say_is_refused(
    case: Case, findings: Findings, tmp_path: Path
) -> None:
    gallery = pictures(case, tmp_path / "images", (48, 64))
    with pytest.raises(PageError, match=r"^image i\d+: is 32 x 24 in the tables, and the file has another shape; "):
        find_extremes(findings, gallery, 4)


def test_a_picture_that_is_not_there_is_named(case: Case, findings: Findings, tmp_path: Path) -> None:
    gallery = pictures(case, tmp_path / "images", (64, 48))
    name = read_stored(case.data, "corpus")[find_extremes(findings, gallery, 1).best[0].card.image.index].name
    (tmp_path / "images" / f"{name}.png").unlink()
    with pytest.raises(LoadError, match=rf"{name}: no file of that name"):
        find_extremes(findings, gallery, 1)
