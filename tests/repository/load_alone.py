"""Load an exported repository with nothing but `datasets`: ``python load_alone.py REPOSITORY IMAGES``.

`make test-datasets` runs this in environments that hold one version of `datasets` each, and no pixret.
"""

import importlib.util
import sys
import tempfile
from pathlib import Path

import datasets
from PIL import Image

TABLES = ["pairs", "queries", "corpus"]
VIEWS = [f"{protocol}-{table}" for protocol in ("easy", "medium", "hard") for table in ("corpus", "queries", "qrels")]
EASY = 0


def check_every_configuration(repository, load):
    names = [*(f"mini-{name}" for name in [*TABLES, *VIEWS]), "r1m-corpus"]
    assert sorted(datasets.get_dataset_config_names(repository)) == sorted(names)
    for name in names:
        plain, streamed = load(name), load(name, streaming=True)
        assert plain.features == streamed.features, name
        assert without_images(plain) == without_images(streamed), name
    assert load(None).num_rows == load("mini-pairs").num_rows == 156
    assert load("mini-hard-corpus").column_names == ["id", "image"]
    assert load("mini-hard-qrels").column_names == ["query-id", "corpus-id", "score"]


def without_images(table):
    return list(table.select_columns([name for name in table.features if name != "image"]))


def check_columns_and_filters(load):
    options = {"columns": ["query_id", "area"], "filters": [("level", "==", EASY)]}
    easy = load("mini-pairs", **options)
    assert (easy.num_rows, easy.column_names) == (60, ["query_id", "area"])
    assert list(load("mini-pairs", streaming=True, **options)) == list(easy)


def check_null_masks(load):
    pairs = load("mini-pairs")
    level = pairs.features["level"]
    for row in pairs:
        assert (row["segmentation"] is None) == (level.int2str(row["level"]) == "junk")


def check_images(load, images):
    for name, key in (("mini-queries", "query_id"), ("mini-corpus", "image_id")):
        table = load(name)
        assert all(row["image"].size == (row["width"], row["height"]) for row in table)
        for row in table.cast_column("image", datasets.Image(decode=False)):
            assert row["image"]["bytes"] == (images / f"{row[key]}.jpg").read_bytes(), row[key]
        assert all(row["image"].size == (row["width"], row["height"]) for row in load(name, streaming=True))


def check_distractors(load):
    for rows in (load("r1m-corpus"), load("r1m-corpus", streaming=True)):
        assert [(row["image_index"], row["image"].size) for row in rows] == [(i, (20 + i, 10)) for i in range(12)]


def check_that_masks_decode_no_image(load):
    def refuse(*_, **__):
        raise AssertionError("an image was opened")

    opened, Image.open = Image.open, refuse
    try:
        pairs = load("mini-pairs")
        assert sum(pairs[i % len(pairs)]["segmentation"] is not None for i in range(1_500)) > 1_000
    finally:
        Image.open = opened


def main():
    repository, images = sys.argv[1], Path(sys.argv[2])
    assert importlib.util.find_spec("pixret") is None
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:

        def load(name, **options):
            return datasets.load_dataset(repository, name, split="test", cache_dir=cache, **options)

        check_every_configuration(repository, load)
        check_columns_and_filters(load)
        check_null_masks(load)
        check_images(load, images)
        check_distractors(load)
        check_that_masks_decode_no_image(load)
    print(f"datasets {datasets.__version__}: every configuration loads, plain and streaming, with its images and masks")


main()
