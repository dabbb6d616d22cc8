import tarfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pixret.rawfiles import RawFileError, read_ranking


def ranking(n_images: int, n_queries: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(0)
    return np.stack([rng.permutation(n_images) for _ in range(n_queries)], axis=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roxford.npy"


@pytest.mark.parametrize("dtype", ["<i8", "<i4", ">i4", "u2", "u8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_ranking_reads_whatever_its_integers(path: Path, dtype: str, order: str) -> None:
    wanted = ranking(50, 7)
    np.save(path, wanted.astype(dtype).copy(order="F" if order == "F" else "C"))
    read = read_ranking(path, 7, 50)
    assert read.dtype == np.int32
    assert (read == wanted).all()


def test_distractors_may_be_appended(path: Path) -> None:
    np.save(path, ranking(80, 3))
    assert read_ranking(path, 3, 50).shape == (80, 3)


def test_the_golden_ranking_reads(shared: Path, tmp_path: Path) -> None:
    with tarfile.open(shared / "golden" / "roxford_small_s1.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    (golden,) = tmp_path.rglob("roxford.npy")
    read = read_ranking(golden, 70, 4993)
    assert (read == np.load(golden)).all()


def changed(at: tuple[int, int], value: int) -> NDArray[np.int64]:
    array = ranking(50, 7)
    array[at] = value
    return array


@pytest.mark.parametrize(
    ("array", "detail"),
    [
        (ranking(50, 6), "has 6 columns, and the benchmark has 7 queries"),
        (ranking(49, 7), "ranks 49 images, and the benchmark has 50"),
        (ranking(50, 7)[:, 0], r"is an array of int64, shape \(50,\); a ranking is \(images, queries\) of integers"),
        (ranking(50, 7).astype(float), "is an array of float64"),
        (np.zeros((50, 7), bool), "is an array of bool"),
        (changed((4, 2), 50), r"query 2, rank 4: 50 is not an image \(0 to 49\)"),
        (changed((4, 2), -1), r"query 2, rank 4: -1 is not an image"),
        (changed((4, 2), 2**40), r"query 2, rank 4: 1099511627776 is not an image"),
        (np.full((50, 7), 2**64 - 1, np.uint64), r"query 0, rank 0: 18446744073709551615 is not an image"),
        (np.full((50, 7), 3), "query 0 ranks image 3 50 times; a ranking holds every image once"),
    ],
)
def test_what_is_wrong_is_named(path: Path, array: NDArray[np.generic], detail: str) -> None:
    np.save(path, array)
    with pytest.raises(RawFileError, match=detail) as caught:
        read_ranking(path, 7, 50)
    assert caught.value.path == path


def test_an_empty_ranking_is_refused(path: Path) -> None:
    np.save(path, np.empty((0, 7), np.int64))
    with pytest.raises(RawFileError, match="ranks 0 images"):
        read_ranking(path, 7, 50)


def test_a_pickled_ranking_is_refused(path: Path) -> None:
    np.save(path, np.array([None, 1], object), allow_pickle=True)
    with pytest.raises(RawFileError, match="holds an array of object; plain numbers belong here"):
        read_ranking(path, 7, 50)
