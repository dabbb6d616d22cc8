"""The FiftyOne view, read back from FiftyOne's database."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from prepared import add_images, write_tables

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask
from pixret.tables import (
    ImageFile,
    fill_images,
    load_manifest,
    queries_batch,
    read_ground_truth,
    read_stored,
    write_manifest,
    write_table,
)
from pixret.views import ViewError, to_fiftyone


@pytest.fixture(scope="session")
def truth(image_tables):
    return read_ground_truth(image_tables)


def names(truth, level):
    """Names of the queries for which an image has a level, by the image's name."""
    found = {name: [] for name in truth.image_ids}
    for pair in truth.pairs:
        if pair.level is level:
            found[truth.image_ids[pair.image_index]].append(truth.query_ids[pair.query_index])
    return found


def test_every_image_is_a_sample_whose_file_has_the_bytes_of_the_tables(dataset, mini_summary):
    assert len(dataset.match_tags("query")) == 12
    assert len(dataset.match_tags("index")) == 126
    for sample in dataset:
        original = mini_summary.out / "images" / f"{sample.image_id}.jpg"
        assert Path(sample.filepath).read_bytes() == original.read_bytes()


def test_a_mask_in_its_box_is_that_of_the_label(dataset, truth):
    labels = {(pair.query_index, pair.image_index): pair.label.mask for pair in truth.pairs if pair.label}
    seen = 0
    for sample in dataset.match_tags("index"):
        width, height = sample.metadata.width, sample.metadata.height
        for one in sample.positives.detections:
            mask = labels[truth.query_index[one.label], sample["index"]]
            x, y = round(one.bounding_box[0] * width), round(one.bounding_box[1] * height)
            dense = np.zeros((height, width), bool)
            dense[y : y + one.mask.shape[0], x : x + one.mask.shape[1]] = one.mask
            assert np.array_equal(dense, mask.to_dense())
            seen += 1
    assert seen == 132
    assert dataset.count_values("positives.detections.level") == {"easy": 60, "hard": 72}


def test_junk_names_its_queries(dataset, truth):
    junk = names(truth, Level.JUNK)
    for sample in dataset.match_tags("index"):
        assert [each.label for each in sample.junk.classifications] == junk[sample.image_id]


def test_a_query_has_its_box_in_shares_of_its_image(dataset, image_tables):
    boxes = {query.name: query.bbox for query in read_stored(image_tables, "queries")}
    for sample in dataset.match_tags("query"):
        size = np.array([sample.metadata.width, sample.metadata.height] * 2)
        assert sample.query_box.bounding_box * size == pytest.approx(np.array(boxes[sample.image_id]))


def test_the_dataset_says_what_it_was_made_of(dataset, truth):
    assert dataset.info == {"benchmark": "mini", "ground_truth": truth.digest}


def test_a_dataset_of_that_name_is_not_replaced_unasked(fiftyone, image_tables, tmp_path):
    fiftyone.Dataset("mine")
    with pytest.raises(ViewError, match="FiftyOne has a dataset 'mine' already; pass overwrite=True, or another name"):
        to_fiftyone(image_tables, media=tmp_path, name="mine")
    assert len(fiftyone.load_dataset("mine")) == 0
    assert len(to_fiftyone(image_tables, media=tmp_path, name="mine", overwrite=True)) == 138


def test_tables_without_images_are_refused(fiftyone, plain_tables, tmp_path):
    with pytest.raises(ViewError, match="mini: the tables hold no image castle_000007, and FiftyOne shows images; "):
        to_fiftyone(plain_tables, media=tmp_path, name="plain")
    assert not fiftyone.dataset_exists("plain")


@pytest.fixture
def tables(mini_summary, tmp_path):
    """Write tables of one query and one index image, whose file has some name, with the label given."""

    def write(file_name, label):
        truth = GroundTruth("mini", ("q",), ("i",), (JudgedPair(0, 0, Level.HARD, label),))
        write_tables(tmp_path / "data", truth, [(0, 0, 1, 1)])
        image = tmp_path / file_name
        shutil.copy(mini_summary.out / "images" / "castle_000001.jpg", image)
        add_images(tmp_path / "data" / "mini", {"q": image, "i": image})
        return tmp_path / "data"

    return write


@pytest.mark.parametrize("label", [None, Label(Mask.from_dense(np.zeros((360, 480))), ())])
def test_a_positive_without_a_mask_is_named_as_such(fiftyone, tables, tmp_path, label):
    sample = to_fiftyone(tables("one.jpg", label), media=tmp_path, name="unlabelled", overwrite=True).last()
    assert [each.label for each in sample.unlabelled.classifications] == ["q"]
    assert sample.positives.detections == []


def test_a_file_name_does_not_choose_the_folder(fiftyone, tables, tmp_path):
    data = tables("one.jpg", None)
    folder = data / "mini"
    image = ImageFile("../climbed.jpg", 1, 1, "", lambda: b"")
    rows = queries_batch(read_ground_truth(data), [(0, 0, 1, 1)])
    manifest = load_manifest(folder)
    files = manifest.files | write_table(folder, "queries", fill_images(rows, [image]))
    write_manifest(folder, msgspec.structs.replace(manifest, files=files))
    with pytest.raises(ViewError, match=r"mini: '../climbed.jpg' is no bare file name; prepare the benchmark again"):
        to_fiftyone(data, media=tmp_path / "media", name="climbing")
    assert not (tmp_path / "media" / "mini" / "climbed.jpg").exists()
