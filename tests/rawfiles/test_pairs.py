import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixret.rawfiles import RawFileError, read_matching_result, read_pair_labels

NpyWriter = Callable[[bytes], Path]


def saved(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "saved.npy"
    np.save(path, np.array(content), allow_pickle=True)
    return path


def test_a_pair_map_reads_by_query_and_image(tmp_path: Path) -> None:
    path = saved(tmp_path, {"0_12": "labels/0/0_12.json", "69_4992": "./labels/x.json"})
    assert read_pair_labels(path) == {(0, 12): "labels/0/0_12.json", (69, 4992): "./labels/x.json"}


@pytest.mark.parametrize("key", ["0", "0_", "0_1_2", "-1_2", "00_1", "0_ 1", "a_b", "٣_1", "0_1\n", 7, "1" * 10 + "_1"])
def test_a_key_that_names_no_pair_is_refused(tmp_path: Path, key: object) -> None:
    with pytest.raises(RawFileError, match=r"has the key .*, which is not of the form QUERY_IMAGE"):
        read_pair_labels(saved(tmp_path, {key: "a.json"}))


@pytest.mark.parametrize("value", ["/etc/passwd", "../a.json", "labels/../../a.json", "a/.."])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(RawFileError, match=r"pair 3_4 has the path .*, which leaves the authors' folder"):
        read_pair_labels(saved(tmp_path, {"3_4": value}))


@pytest.mark.parametrize("value", ["", "a\0b", "a\nb", None, 3, ["a.json"], np.arange(3)])
def test_a_value_that_is_no_path_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(RawFileError, match=r"pair 3_4 has .*, not the path of a label file"):
        read_pair_labels(saved(tmp_path, {"3_4": value}))


@pytest.mark.parametrize("content", [["0_1"], "0_1", 7])
def test_what_is_no_dict_is_refused(npy: NpyWriter, content: object) -> None:
    with pytest.raises(RawFileError, match="a dict from QUERY_IMAGE belongs here"):
        read_pair_labels(npy(pickle.dumps(content)))
    with pytest.raises(RawFileError, match="a dict from qimlist_QUERY_imlist_IMAGE belongs here"):
        read_matching_result(npy(pickle.dumps(content)))


def test_masks_come_as_they_are_found(tmp_path: Path) -> None:
    points = np.array([[1.5, 2], [3, 4], [5, 6]], np.float32)
    content = {
        "qimlist_0_imlist_1": points,
        "qimlist_0_imlist_2": [],
        "qimlist_7_imlist_3": np.arange(3.0),
        "qimlist_7_imlist_4": None,
    }
    read = read_matching_result(saved(tmp_path, content))
    assert list(read) == [(0, 1), (0, 2), (7, 3), (7, 4)]
    first = read[0, 1]
    assert isinstance(first, np.ndarray)
    assert (first.dtype, first.tolist()) == (np.float32, points.tolist())
    assert (read[0, 2], read[7, 4]) == ([], None)


@pytest.mark.parametrize("key", ["0_1", "qimlist_0_imlist_", "qimlist_0_imlist_01", "qimlist_0_imlist_1 "])
def test_a_mask_of_no_pair_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(RawFileError, match="not of the form qimlist_QUERY_imlist_IMAGE"):
        read_matching_result(saved(tmp_path, {key: []}))


def test_a_mask_that_shares_lists_without_end_is_refused(npy: NpyWriter) -> None:
    value: list[object] = [0.0] * 10
    for _ in range(10):
        value = [value] * 10
    path = npy(pickle.dumps({"qimlist_0_imlist_1": value}, 4))
    assert path.stat().st_size < 10_000
    with pytest.raises(RawFileError, match="qimlist_0_imlist_1 holds more than 1000000 objects"):
        read_matching_result(path)


def test_masks_of_objects_are_counted_too(npy: NpyWriter) -> None:
    value: object = [0.0] * 1000
    for _ in range(2):
        array = np.empty(100, object)
        for i in range(100):
            array[i] = value
        value = {"a": array}
    with pytest.raises(RawFileError, match="holds more than 1000000 objects"):
        read_matching_result(npy(pickle.dumps({"qimlist_0_imlist_1": value}, 4)))
