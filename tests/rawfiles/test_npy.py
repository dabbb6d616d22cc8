import io
import pickle
import tarfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixret.rawfiles import PickleLimits, RawFileError, map_plain_npy, read_pickled_npy

NpyWriter = Callable[[bytes], Path]


def same(read: object, wanted: object) -> bool:
    """Whether two values agree in type, shape and every bit."""
    if isinstance(wanted, np.ndarray):
        assert isinstance(read, np.ndarray)
        alike = read.dtype == wanted.dtype and read.shape == wanted.shape
        return alike and all(same(a, b) for a, b in zip(read.ravel().tolist(), wanted.ravel().tolist(), strict=True))
    if isinstance(wanted, (list, tuple)):
        assert isinstance(read, (list, tuple))
        return type(read) is type(wanted) and all(same(a, b) for a, b in zip(read, wanted, strict=True))
    return type(read) is type(wanted) and read == wanted


VALUES = [
    np.arange(6.0).reshape(3, 2),
    np.asfortranarray(np.arange(6, dtype=np.float32).reshape(3, 2)),
    np.array([[1, 2]], ">i2"),
    np.array([True, False]),
    np.empty((0, 2)),
    np.array(3.5),
    np.float64(0.1),
    np.int64(-7),
    np.float32(1.5),
    [],
    [[1, 2.5], [3, 4]],
    (1, "text", None, b"\xff\x00"),
    np.array([[1, 2], None, "x"], object),
]


@pytest.mark.parametrize("value", VALUES, ids=str)
@pytest.mark.parametrize("protocol", [3, 4])
def test_a_saved_dict_reads_as_it_was(npy: NpyWriter, value: object, protocol: int) -> None:
    wrapped = np.array({"0_1": value, "0_2": "a.json"})
    read = read_pickled_npy(npy(pickle.dumps(wrapped, protocol)))
    assert isinstance(read, dict)
    assert list(read) == ["0_1", "0_2"]
    assert same(read["0_1"], value)


def test_protocol_2_which_spells_bytes_as_text_reads_too(npy: NpyWriter) -> None:
    value = np.linspace(-1, 1, 100).reshape(50, 2)
    read = read_pickled_npy(npy(pickle.dumps(np.array({"0_1": value}), 2)))
    assert isinstance(read, dict)
    assert same(read["0_1"], value)


def test_what_numpy_save_writes_reads(tmp_path: Path) -> None:
    path = tmp_path / "saved.npy"
    np.save(path, np.array({"a": np.arange(3)}), allow_pickle=True)
    read = read_pickled_npy(path)
    assert isinstance(read, dict)
    assert read["a"].tolist() == [0, 1, 2]
    assert not read["a"].flags.writeable


def test_an_array_of_objects_keeps_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "saved.npy"
    array = np.empty((2, 1), object)
    array[0, 0], array[1, 0] = [1, 2], [3, 4]
    np.save(path, array, allow_pickle=True)
    read = read_pickled_npy(path)
    assert isinstance(read, np.ndarray)
    assert read.shape == (2, 1)
    assert read[1, 0] == [3, 4]


def test_the_golden_files_read_as_numpy_reads_them(shared: Path, tmp_path: Path) -> None:
    with tarfile.open(shared / "golden" / "roxford_small_s1.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    (path,) = tmp_path.rglob("matching_result/proxford.npy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy itself says that numpy.core has moved
        wanted = np.load(path, allow_pickle=True).item()
    read = read_pickled_npy(path)
    assert isinstance(read, dict)
    assert list(read) == list(wanted)
    assert all(same(read[key], wanted[key]) for key in wanted)


def test_a_plain_array_is_no_pickle(tmp_path: Path) -> None:
    path = tmp_path / "plain.npy"
    np.save(path, np.arange(3))
    with pytest.raises(RawFileError, match="holds a plain array of int64; a pickled object belongs here"):
        read_pickled_npy(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{",
        b"\x93NUMPY\x03\x00\x10\x00\x00\x00" + b"{" * 16,
        b"\x93NUMPY\x01\x00\x05\x00{'a':",
        b"\x93NUMPY\x01\x00\x10\x00" + b"(" * 16,
        b"\x93NUMPY\x02\x00\x10\x27\x00\x00" + b"(" * 10_000,
        b"\x93NUMPY\x01\x00\x3d\x00{'descr': 'f8,,', 'fortran_order': False, 'shape': (1,)}     ",
        b"PK\x03\x04 a zip archive",
        pickle.dumps({"a": 1}),
    ],
)
def test_what_is_no_npy_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.npy"
    path.write_bytes(data)
    with pytest.raises(RawFileError, match=r"NumPy's \.npy format"):
        read_pickled_npy(path)
    with pytest.raises(RawFileError):
        map_plain_npy(path)


def test_a_truncated_file_is_refused_wherever_it_ends(npy: NpyWriter, tmp_path: Path) -> None:
    data = npy(pickle.dumps(np.array({"0_1": np.arange(4.0)}), 3)).read_bytes()
    path = tmp_path / "short.npy"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(RawFileError):
            read_pickled_npy(path)


def test_a_file_beyond_the_limit_is_refused(npy: NpyWriter) -> None:
    path = npy(pickle.dumps([0] * 1000))
    with pytest.raises(RawFileError, match="larger than 1000 bytes"):
        read_pickled_npy(path, PickleLimits(max_bytes=1000))
    with pytest.raises(RawFileError, match="more than 100 pickle operations"):
        read_pickled_npy(path, PickleLimits(max_operations=100))


def test_a_plain_array_is_mapped_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "plain.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<i8", "fortran_order": False, "shape": (2**32, 1)})
        file.truncate(file.tell() + 8 * 2**32)
    array = map_plain_npy(path)
    assert array.shape == (2**32, 1)
    assert array[2**31, 0] == 0


@pytest.mark.parametrize("shape", [(2**40,), (2**70,), (2**40, 2**40), (-1,)])
def test_an_array_that_says_more_than_it_holds_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "plain.npy"
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<i8", "fortran_order": False, "shape": shape})
    path.write_bytes(stream.getvalue() + b"\0" * 800)
    with pytest.raises(
        RawFileError, match=r"has 928 bytes, and its shape .* of int64 means [0-9]+; is the file truncated"
    ):
        map_plain_npy(path)


def test_a_pickled_array_is_not_mapped(npy: NpyWriter) -> None:
    with pytest.raises(RawFileError, match="holds an array of object; plain numbers belong here"):
        map_plain_npy(npy(pickle.dumps({})))
