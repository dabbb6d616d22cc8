"""Labels are faithful to what the renderer drew."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixret.metrics import Level, Mask
from pixret.synth._labels import label_polygons, overlap, rasterize
from pixret.synth._plan import plan_photos
from pixret.synth._scene import Studio, open_studio


@pytest.fixture(scope="module")
def studio(mini: Any) -> Studio:
    with ThreadPoolExecutor(2) as pool:
        return open_studio(mini.summary.seed, pool)


def test_labels_and_images_are_what_the_renderer_drew(mini: Any, studio: Studio) -> None:
    plan = plan_photos(mini.summary.seed)
    for query in (0, 4, 9):
        for image in mini.positives(query):
            photo = plan.index[image]
            picture = studio.shoot(photo.landmark, photo.shot, photo.seed)
            label = json.loads((mini.summary.source / f"labels/mini/{query}/{query}_{image}.json").read_text())
            polygons = [np.array(shape["points"]) for shape in label["shapes"]]
            mask = Mask.from_polygons(polygons, label["imageHeight"], label["imageWidth"])
            assert overlap(mask.to_dense(), picture.visible) >= 0.97, photo.name
            saved = cv2.imread(str(mini.out / "images" / f"{photo.name}.jpg"))[..., ::-1]
            assert np.abs(saved.astype(int) - picture.image).mean() < 6


def test_levels_keep_their_promise_of_visibility(mini: Any, studio: Studio) -> None:
    for photo in [photo for photo in plan_photos(mini.summary.seed).index if photo.landmark == "temple"]:
        picture = studio.shoot(photo.landmark, photo.shot, photo.seed)
        assert picture.visible.any()
        if photo.level is Level.EASY:
            assert picture.share >= 0.8
        if photo.level is Level.JUNK:
            assert picture.share <= 0.2 or picture.visible.mean() < 0.01


def _draw(shape: tuple[int, int], parts: list[tuple[int, int, int, int, bool]]) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    for x, y, rx, ry, add in parts:
        cv2.ellipse(canvas, (x, y), (rx, ry), 0, 0, 360, (int(add),), -1)
    return canvas.astype(bool)


_PART = st.tuples(st.integers(0, 119), st.integers(0, 89), st.integers(1, 50), st.integers(1, 40), st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.lists(_PART, min_size=1, max_size=7))
def test_polygons_of_any_mask_are_faithful(parts: list[tuple[int, int, int, int, bool]]) -> None:
    mask = _draw((90, 120), parts)
    polygons = label_polygons(mask)
    assert all(len(polygon) >= 3 for polygon in polygons)
    assert overlap(rasterize(polygons, 90, 120), mask) >= (0.97 if mask.any() else 0)


def test_even_a_line_one_pixel_wide_gets_a_polygon() -> None:
    mask = np.zeros((20, 20), bool)
    mask[3, 2:18] = True
    (polygon,) = label_polygons(mask)
    assert len(polygon) == 3
    assert np.array_equal(rasterize([polygon], 20, 20), mask)


def test_a_hole_stays_open_within_one_polygon() -> None:
    mask = np.zeros((60, 60), bool)
    mask[5:55, 5:55] = True
    mask[20:40, 20:40] = False
    (polygon,) = label_polygons(mask)
    drawn = rasterize([polygon], 60, 60)
    assert not drawn[30, 30]
    assert overlap(drawn, mask) > 0.97


def test_parts_are_sorted_by_size_and_specks_are_dropped() -> None:
    mask = np.zeros((80, 80), bool)
    mask[60:75, 5:20] = True
    mask[5:50, 5:70] = True
    mask[78, 78] = True
    polygons = label_polygons(mask)
    assert len(polygons) == 2
    assert polygons[0][:, 1].max() < 51 < polygons[1][:, 1].min()


def test_rasterizing_agrees_with_the_metrics() -> None:
    polygon = np.array([[3.9, 2.2], [30.5, 8.1], [22.0, 39.99]])
    assert np.array_equal(rasterize([polygon], 40, 40), Mask.from_polygons([polygon], 40, 40).to_dense())


def test_an_empty_mask_has_no_polygons() -> None:
    assert label_polygons(np.zeros((10, 10), bool)) == []
