"""Query crops, against the corners that the authors give."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixret.rawfiles import RAW_BENCHMARKS, read_gnd
from pixret.synth import MiniSummary
from pixret.tables import read_images, read_stored
from pixret.views import crop_query


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8))


def coco_box(bbx: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A box of the ground truth as the tables hold it."""
    x1, y1, x2, y2 = bbx
    return x1, y1, x2 - x1, y2 - y1


def published_crop(image: Image.Image, bbx: tuple[float, float, float, float]) -> Image.Image:
    """What revisitop does (python/example_process_images.py): Pillow's crop of the corners as they are."""
    return image.crop(bbx)


def test_queries_of_mini_are_cropped_as_revisitop_does(image_tables: Path, mini_summary: MiniSummary) -> None:
    gnd = read_gnd(mini_summary.source / RAW_BENCHMARKS["mini"].gnd)
    queries = read_stored(image_tables, "queries")
    for index, content in read_images(image_tables, "queries", range(len(queries))):
        bbox = queries[index].bbox
        assert content is not None
        assert bbox is not None
        image = Image.open(io.BytesIO(content))
        assert crop_query(image, bbox).tobytes() == published_crop(image, gnd.queries[index].bbx).tobytes()


corners = st.tuples(*[st.integers(0, 6000).map(lambda n: n / 100)] * 4)


@settings(deadline=None)
@given(corners)
def test_the_sum_of_corner_and_size_is_the_corner_again(values: tuple[float, float, float, float]) -> None:
    bbx = (*map(min, values[:2], values[2:]), *map(max, values[:2], values[2:]))
    image = noise(64, 64)
    crop, published = crop_query(image, coco_box(bbx)), published_crop(image, bbx)
    assert (crop.size, crop.tobytes()) == (published.size, published.tobytes())


@pytest.mark.parametrize("name", ["proxford", "prparis"])
def test_boxes_of_the_real_queries_keep_their_size(shared: Path, name: str) -> None:
    image = Image.new("1", (1, 1))
    for query in read_gnd(shared / "data" / "revisitop" / Path(RAW_BENCHMARKS[name].gnd).name).queries:
        assert crop_query(image, coco_box(query.bbx)).size == published_crop(image, query.bbx).size
