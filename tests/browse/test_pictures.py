"""Sheets as PNG files."""

from pathlib import Path

import numpy as np
from PIL import Image
from prepared import add_images, write_tables

from pixret.browse import collect_sheets, write_picture, write_pictures
from pixret.metrics import GroundTruth, JudgedPair, Level
from pixret.submissions import open_submission
from pixret.synth import MiniSummary


def count_near(path: Path, color: tuple[int, int, int]) -> int:
    """Pixels of about a colour."""
    with Image.open(path) as image:
        return int((np.abs(np.asarray(image.convert("RGB"), int) - color).max(axis=2) < 40).sum())


LABEL, PREDICTION = (0x16, 0xD9, 0xC5), (0xFF, 0x7A, 0x2F)


def test_there_is_a_picture_for_each_query(image_tables: Path, tmp_path: Path) -> None:
    album = collect_sheets(image_tables, queries=["0", "5"], limit=3)
    paths = write_pictures(album, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["000_castle_000007.png", f"005_{album.sheets[1].query.name}.png"]
    assert sorted(paths) == sorted((tmp_path / "new" / "folder").iterdir())
    for path in paths:
        with Image.open(path) as image:
            assert (image.format, image.width) == ("PNG", 1280)


def test_a_picture_grows_with_what_it_shows(image_tables: Path, tmp_path: Path) -> None:
    heights = []
    for limit in (1, 12):
        album = collect_sheets(image_tables, queries=["0"], limit=limit, side=64)
        with Image.open(write_picture(album, album.sheets[0], tmp_path / "one.png")) as image:
            heights.append(image.height)
    assert heights[0] < heights[1]


def test_outlines_of_labels_and_of_predictions_differ(
    image_tables: Path, mini_summary: MiniSummary, tmp_path: Path
) -> None:
    plain = collect_sheets(image_tables, queries=["0"])
    path = write_picture(plain, plain.sheets[0], tmp_path / "one.png")
    before = count_near(path, PREDICTION)
    assert count_near(path, LABEL) > 1000
    noisy = collect_sheets(
        image_tables, queries=["0"], submission=open_submission(mini_summary.submissions / "noisy.jsonl")
    )
    path = write_picture(noisy, noisy.sheets[0], tmp_path / "one.png")
    assert count_near(path, PREDICTION) > before + 1000


def test_without_images_outlines_are_on_empty_canvases(plain_tables: Path, tmp_path: Path) -> None:
    album = collect_sheets(plain_tables, queries=["0"])
    path = write_picture(album, album.sheets[0], tmp_path / "one.png")
    assert count_near(path, LABEL) > 1000
    assert count_near(path, (0xDC, 0xD9, 0xD2)) > 100_000


def test_a_name_from_data_does_not_choose_the_folder(hostile_tables: Path, tmp_path: Path) -> None:
    paths = write_pictures(collect_sheets(hostile_tables, limit=1), tmp_path / "sheets")
    assert [path.name for path in paths] == ["000__script_alert_x_script_7_7_.png", "001__climbs_out.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["sheets"]


def test_images_as_thin_as_a_line_are_shown_squeezed(tmp_path: Path) -> None:
    names = ("tall", "wide")
    for name, size in (("tall", (1, 9000)), ("wide", (9000, 1))):
        Image.new("RGB", size, "red").save(tmp_path / f"{name}.png")
    pairs = tuple(JudgedPair(query, image, Level.JUNK, None) for query in range(2) for image in range(2))
    queries = tuple(f"query_{name}" for name in names)
    write_tables(tmp_path / "data", GroundTruth("mini", queries, names, pairs), [(0.0, 0.0, 1.0, 1.0)] * 2)
    sources = {f"{prefix}{name}": tmp_path / f"{name}.png" for name in names for prefix in ("", "query_")}
    add_images(tmp_path / "data" / "mini", sources)
    for path in write_pictures(collect_sheets(tmp_path / "data"), tmp_path / "sheets"):
        with Image.open(path) as image:
            assert image.height < 4000
        assert count_near(path, (0xFF, 0, 0)) > 1000
