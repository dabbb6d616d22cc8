"""What is on a sheet."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from prepared import add_images, write_tables

from pixret.browse import Album, BrowseError, Sheet, collect_sheets
from pixret.metrics import (
    NO_MASK,
    BoxRegion,
    GroundTruth,
    Item,
    JudgedPair,
    Level,
    Mask,
    Polygons,
    Prediction,
    Rle,
    Runs,
)
from pixret.submissions import open_submission
from pixret.synth import MiniSummary
from pixret.tables import read_ground_truth


def shown(sheet: Sheet) -> dict[Level, list[int]]:
    return {group.level: [card.image.index for card in group.cards] for group in sheet.groups}


def judged(truth: GroundTruth, query: int) -> dict[Level, list[int]]:
    pairs = [pair for pair in truth.pairs if pair.query_index == query]
    return {level: [pair.image_index for pair in pairs if pair.level is level] for level in Level}


def test_every_query_is_beside_its_images_by_level(album: Album, mini: GroundTruth) -> None:
    assert [sheet.query.name for sheet in album.sheets] == list(mini.query_ids)
    for sheet in album.sheets:
        assert shown(sheet) == judged(mini, sheet.query.index)
    assert not album.is_cut
    assert set(album.images) == {pair.image_index for pair in mini.pairs}
    assert set(album.queries) == set(range(12))


def test_a_card_has_the_mask_of_its_label(album: Album, mini: GroundTruth) -> None:
    labels = {(pair.query_index, pair.image_index): pair.label for pair in mini.pairs}
    for sheet in album.sheets:
        for group in sheet.groups:
            for card in group.cards:
                label = labels[sheet.query.index, card.image.index]
                assert card.mask == (label and label.mask)
                assert (card.mask is None) == (card.level is Level.JUNK)


def test_a_limit_keeps_the_first_of_each_level(image_tables: Path, mini: GroundTruth) -> None:
    album = collect_sheets(image_tables, limit=2, side=64)
    assert album.is_cut
    for sheet in album.sheets:
        expected = judged(mini, sheet.query.index)
        assert shown(sheet) == {level: images[:2] for level, images in expected.items()}
        assert [group.total for group in sheet.groups] == [len(images) for images in expected.values()]


def test_queries_are_chosen_by_name_or_index_and_once(image_tables: Path) -> None:
    album = collect_sheets(image_tables, queries=["3", "castle_000007", "0"])
    assert [sheet.query.index for sheet in album.sheets] == [3, 0]
    assert set(album.queries) == {3, 0}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("castle_00007", "mini has no query 'castle_00007'; close to it are castle_000007, "),
        ("12", "mini has no query '12'; give a name, or 0 to 11"),
        ("²", "mini has no query '²'; give a name, or 0 to 11"),
    ],
)
def test_an_unknown_query_is_named(image_tables: Path, name: str, message: str) -> None:
    with pytest.raises(BrowseError) as caught:
        collect_sheets(image_tables, queries=[name])
    assert str(caught.value).startswith(message)


def test_thumbnails_keep_their_aspect_and_have_the_side_that_was_asked_for(image_tables: Path) -> None:
    album = collect_sheets(image_tables, queries=["0"], side=100)
    for thumbnails, side in ((album.images, 100), (album.queries, 150)):
        for thumbnail in thumbnails.values():
            with Image.open(io.BytesIO(thumbnail.content)) as image:
                assert (image.format, image.size) == ("WEBP", (thumbnail.width, thumbnail.height))
            assert max(thumbnail.width, thumbnail.height) == side
    for group in album.sheets[0].groups:
        for card in group.cards:
            thumbnail, size = album.images[card.image.index], card.image.size
            assert size is not None
            assert thumbnail.width / thumbnail.height == pytest.approx(size[1] / size[0], abs=0.02)


def test_tables_without_images_have_sheets_without_thumbnails(plain_tables: Path) -> None:
    album = collect_sheets(plain_tables)
    assert album.annotations_only
    assert (album.queries, album.images) == ({}, {})
    assert len(album.sheets) == 12


def one_image(folder: Path, path: Path) -> Path:
    """Tables of one query with one index image, which is some file."""
    data = folder / "data"
    write_tables(data, GroundTruth("mini", ("q",), ("i",), (JudgedPair(0, 0, Level.JUNK, None),)), [(0, 0, 1, 1)])
    add_images(data / "mini", {"i": path})
    return data


def test_a_thumbnail_stands_upright_as_the_image_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.new("RGB", (80, 40)).save(path, exif=exif)
    (thumbnail,) = collect_sheets(one_image(tmp_path, path)).images.values()
    assert thumbnail.width < thumbnail.height


def test_an_image_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    path = tmp_path / "torn.jpg"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    data = one_image(tmp_path, path)
    with pytest.raises(BrowseError, match=r"mini: image i cannot be decoded: .*; prepare the tables again"):
        collect_sheets(data)


def test_a_perfect_submission_is_shown_as_such(image_tables: Path, mini_summary: MiniSummary) -> None:
    submission = open_submission(mini_summary.submissions / "oracle.jsonl")
    for sheet in collect_sheets(image_tables, queries=["0", "7"], side=64, submission=submission).sheets:
        assert sheet.miou == 1.0
        for group in sheet.groups:
            findings = [card.finding for card in group.cards]
            if group.level is not Level.JUNK:
                assert all(finding and finding.iou == 1.0 for finding in findings)
                assert all(card.finding and card.finding.mask == card.mask for card in group.cards)
            else:
                assert all(finding and finding.iou is None for finding in findings)


def test_a_submission_orders_each_level_by_its_ranking(image_tables: Path, mini_summary: MiniSummary) -> None:
    submission = open_submission(mini_summary.submissions / "noisy.jsonl")
    album = collect_sheets(image_tables, queries=["0", "7"], side=64, submission=submission, limit=4)
    for sheet in album.sheets:
        ordered = sorted(
            (item for item in submission if isinstance(item, Prediction) and item.query == sheet.query.name),
            key=lambda item: item.rank if item.score is None else -item.score,
        )
        places = {item.image: place for place, item in enumerate(ordered, 1)}
        for group in sheet.groups:
            ranks = [card.finding and card.finding.rank for card in group.cards]
            assert ranks == [places.get(card.image.name) for card in group.cards]
            ranked = [rank for rank in ranks if rank is not None]
            assert ranked == sorted(ranked)


@pytest.mark.parametrize("form", [Rle, Runs, Polygons, BoxRegion, type(NO_MASK)])
def test_a_mask_of_every_form_is_drawn(image_tables: Path, form: type[Any]) -> None:
    pair = read_ground_truth(image_tables).pairs[0]
    assert pair.label is not None
    mask = pair.label.mask
    box = Mask.from_box((3, 4, 50, 60), mask.height, mask.width)
    regions: dict[type[Any], tuple[Any, Mask | None]] = {
        Rle: (Rle(mask.height, mask.width, mask.counts), mask),
        Runs: (Runs(mask.height, mask.width, mask.to_runs().tolist()), mask),
        Polygons: (Polygons(pair.label.polygons), mask),
        BoxRegion: (BoxRegion(3, 4, 50, 60), box),
        type(NO_MASK): (NO_MASK, None),
    }
    region, expected = regions[form]
    item = Prediction(pair.query_index, pair.image_index, region, score=0.5)
    album = collect_sheets(image_tables, queries=[str(pair.query_index)], side=64, submission=[item])
    (finding,) = [
        card.finding for group in album.sheets[0].groups for card in group.cards if card.finding and card.finding.rank
    ]
    assert finding.mask == expected
    assert (finding.iou is None) == (expected is None) or finding.iou == 0.0


def test_a_refused_item_is_not_drawn_and_stays_in_the_accumulator(image_tables: Path) -> None:
    pair = read_ground_truth(image_tables).pairs[0]
    items: list[Item] = [Prediction(pair.query_index, pair.image_index, Rle(4, 4, b"04"), score=1.0)]
    album = collect_sheets(image_tables, queries=["0"], submission=items)
    assert album.accumulator is not None
    assert [rejection.reason for rejection in album.accumulator.rejections] == ["invalid_mask"]
    assert all(card.finding and card.finding.mask is None for group in album.sheets[0].groups for card in group.cards)
