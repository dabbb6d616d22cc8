"""A hostile file gives an error that names it, runs nothing, and takes no resources out of proportion."""

import os
import pickle
import resource
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from struct import pack

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixret.rawfiles import RawFileError, read_gnd, read_pickled_npy

NpyWriter = Callable[[bytes], Path]
Readers = Callable[[bytes], list[str]]
Function = Callable[..., object]
MEMORY = 1024 * 2**20


class Runs:
    """An object whose pickle calls a function."""

    def __init__(self, function: Function, *arguments: object) -> None:
        self._reduced = function, arguments

    def __reduce__(self) -> tuple[Function, tuple[object, ...]]:
        return self._reduced


def global_(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def dtype(code: str) -> bytes:
    text = code.encode()
    return global_("numpy", "dtype") + b"(X" + pack("<I", len(text)) + text + b"\x89\x88tR"


def array(shape: bytes, kind: bytes, data: bytes) -> bytes:
    """A pickle of one array whose state is whatever is given."""
    start = global_("numpy.core.multiarray", "_reconstruct") + global_("numpy", "ndarray") + b"K\x00\x85C\x01b\x87R"
    return b"\x80\x03" + start + b"(K\x01" + shape + kind + b"\x89" + data + b"tb."


@pytest.fixture(autouse=True)
def _little_memory() -> object:
    """Let an allocation that is out of proportion fail here, before it troubles the machine."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def readers(tmp_path: Path, npy: NpyWriter) -> Readers:
    """Read a pickle in both ways, and return the messages of the errors."""

    def read(data: bytes) -> list[str]:
        path = tmp_path / "gnd.pkl"
        path.write_bytes(data)
        with pytest.raises(RawFileError) as as_gnd:
            read_gnd(path)
        with pytest.raises(RawFileError) as as_npy:
            read_pickled_npy(npy(data))
        return [str(as_gnd.value), str(as_npy.value)]

    return read


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (os.system, "posix.system"),
        (eval, "builtins.eval|__builtin__.eval"),
        (np.load, "numpy.load|numpy.lib._npyio_impl.load"),
        (getattr, "builtins.getattr|__builtin__.getattr"),
        (pickle.loads, "_pickle.loads|pickle.loads|cPickle.loads"),
    ],
)
def test_a_function_is_named_and_not_called(
    tmp_path: Path, readers: Readers, protocol: int, function: Function, name: str
) -> None:
    trace = tmp_path / "trace"
    data = pickle.dumps({"imlist": Runs(function, f"touch {trace}")}, protocol)
    for message in readers(data):
        assert any(f"asks for the global {one}," in message for one in name.split("|"))
        assert "nothing of it was run" in message
    assert not trace.exists()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x80\x04\x8c\x05numpy\x8c\x0cndarray.dump\x93.", "numpy.ndarray.dump"),
        (b"\x80\x04\x8c\x07_codecs\x8c\x0fencode.__self__\x93.", "_codecs.encode.__self__"),
        (b"\x80\x04\x8c\x15numpy.core.multiarray\x8c\x18_reconstruct.__globals__\x93.", "_reconstruct.__globals__"),
        (b"(S'true'\nios\nsystem\n.", "os.system"),
        (b"cnumpy\nload\n.", "numpy.load"),
        (b"cnumpy.core.multiarray\nfromfile\n.", "numpy.core.multiarray.fromfile"),
    ],
)
def test_no_other_way_leads_to_a_global(readers: Readers, data: bytes, name: str) -> None:
    assert all(name in message for message in readers(data))


def test_the_globals_of_numpy_are_not_for_a_ground_truth(tmp_path: Path) -> None:
    path = tmp_path / "gnd.pkl"
    path.write_bytes(pickle.dumps(np.arange(3), 3))
    with pytest.raises(RawFileError, match=r"asks for the global numpy\._?core.multiarray._reconstruct"):
        read_gnd(path)


def test_persistent_objects_and_the_extension_registry_are_refused(readers: Readers) -> None:
    assert all("asks for a persistent object" in message for message in readers(b"Pname\n."))
    assert all("uses the pickle operation EXT1" in message for message in readers(b"\x82\x01."))


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"\x80\x04\x8f.", "EMPTY_SET"), (b"\x80\x04(\x90.", "ADDITEMS"), (b"\x80\x04(\x91.", "FROZENSET")],
)
def test_sets_are_refused_before_they_are_made(readers: Readers, data: bytes, name: str) -> None:
    assert all(f"uses the pickle operation {name}" in message for message in readers(data))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"\x80\x02Nr\xff\xff\xff\xff.", "stores object 4294967295 of its pickle after only"),
        (b"Np99999999999\n.", "stores object 99999999999"),
        (b"\x80\x04\x8d" + pack("<Q", 2**62) + b"x.", "cannot be unpickled"),
        (b"\x80\x04\x8e" + pack("<Q", 2**62) + b"x.", "cannot be unpickled"),
        (b"\x80\x05\x96" + pack("<Q", 2**40) + b"x.", "cannot be unpickled"),
        (b"\x80\x05\x96" + pack("<Q", 1) + b"x.", "uses the pickle operation BYTEARRAY8"),
        (b"\x80\x04\x95" + pack("<Q", 2**62) + b"N.", "cannot be unpickled"),
        (b"\x80\x02T\xff\xff\xff\x7fx.", "cannot be unpickled"),
        (b"\x80\x02\x8b\x00\x01\x00\x00" + b"\x01" * 256 + b".", "holds an integer of 2041 bits"),
        (b"L" + b"9" * 4000 + b"L\n.", "holds an integer of"),
        (b"L" + b"9" * 100_000 + b"L\n.", "cannot be unpickled"),
        (b"\x80\x02" + b"0" * 9 + b".", "cannot be unpickled"),
        (b"\x80\x09N.", "cannot be unpickled"),
        (b"]" * 2_000_001 + b".", "holds more than 2000000 pickle operations"),
    ],
)
def test_operations_that_cost_too_much_are_refused(readers: Readers, data: bytes, detail: str) -> None:
    for message in readers(data):
        assert detail in message


def test_deep_nesting_is_refused(readers: Readers) -> None:
    as_gnd, as_npy = readers(b"\x80\x02" + b"]" * 500_000 + b"a" * 499_999 + b".")
    assert "holds a list" in as_gnd
    assert "nested more than 16 deep" in as_npy


def test_shared_objects_cost_no_more_than_the_file(tmp_path: Path, npy: NpyWriter) -> None:
    doubling = b"]q\x00" + b"".join(b"](h%ch%ceq%c" % (i, i, i + 1) for i in range(12))
    value = read_pickled_npy(npy(b"\x80\x02" + doubling + b"."))
    assert isinstance(value, list)
    assert value[0] is value[1]


def test_bytes_that_are_made_again_and_again_are_refused(npy: NpyWriter) -> None:
    text = b"X" + pack("<I", 2**22) + b"a" * 2**22 + b"X\x06\x00\x00\x00latin1\x86q\x01"
    data = b"\x80\x02" + global_("_codecs", "encode") + b"q\x00" + text + b"](" + b"h\x00h\x01R" * 400 + b"e."
    with pytest.raises(RawFileError, match="the same bytes are made again and again"):
        read_pickled_npy(npy(data))


@pytest.mark.parametrize(
    "filled",
    [
        b"}(%su",
        b"(%sd",
        b"}" + b"%ss",
        b"}0}2(%su",  # beside what was dropped and what is there twice
        b"}q\x030h\x03(%su",
    ],
    ids=["several", "at once", "one", "beside others", "from the memo"],
)
@pytest.mark.parametrize(
    "key",
    [
        b"K\x01K\x02\x86",
        b"(K\x01t",
        b")",
        b"K\x01\x85q\x050h\x05",
        b"K\x01\x85\x94",
        b"NK\x01\x85q\x0500h\x05",
        b"G" + bytes(8),
    ],
)
def test_a_key_whose_hash_a_file_can_choose_is_refused(readers: Readers, filled: bytes, key: bytes) -> None:
    for message in readers(b"\x80\x04" + filled % (key + b"N") + b"."):
        assert "holds a dict with a key that is neither text nor an integer" in message


def test_keys_of_text_and_integers_are_read_in_every_protocol(npy: NpyWriter) -> None:
    content = {"a": {1: [{}, {"b": (1, 2)}]}, 2: {"c": {}, "d": {}}, True: None}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert read_pickled_npy(npy(pickle.dumps(content, protocol))) == content


def test_an_error_message_does_not_spell_out_a_bomb(tmp_path: Path) -> None:
    doubling = b"]q\x00" + b"".join(b"](h%ch%ceq%c" % (i, i, i + 1) for i in range(100))
    path = tmp_path / "gnd.pkl"
    path.write_bytes(b"\x80\x02}X\x06\x00\x00\x00imlist](" + doubling + b"es.")
    with pytest.raises(RawFileError, match=r"imlist\[0\] is \[.*not the name") as caught:
        read_gnd(path)
    assert len(str(caught.value)) < 100_000


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (array(b"\x8a\x05\x00\x00\x00\x00\x01\x85", dtype("f8"), b"C\x00"), "array shape .* is not possible"),
        (array(b"J\xff\xff\xff\x7f\x85", dtype("f8"), b"C\x00"), "does not come with its 17179869176 bytes"),
        (array(b"J\xff\xff\xff\x7f\x85", dtype("O8"), b"]"), "does not come with its 2147483647 objects"),
        (array(b"J\xff\xff\xff\xff\x85", dtype("f8"), b"C\x00"), "array shape .* is not possible"),
        (array(b"(" + b"K\x01" * 9 + b"t", dtype("f8"), b"C\x08" + b"\0" * 8), "array shape .* is not possible"),
        (array(b"K\x02\x85", dtype("f8"), b"C\x08" + b"\0" * 8), "does not come with its 16 bytes"),
        (array(b"K\x02\x85", dtype("O8"), b"]"), "does not come with its 2 objects"),
        (array(b"K\x01\x85", dtype("f8,O8"), b"C\x10" + b"\0" * 16), "array type 'f8,O8' is no plain number"),
        (array(b"K\x01\x85", dtype("V9999999"), b"C\x00"), "array type 'V9999999' is no plain number"),
        (array(b"K\x01\x85", dtype("U4"), b"C\x10" + b"\xff" * 16), "array type 'U4' is no plain number"),
        (array(b"K\x01\x85", b"K\x07", b"C\x00"), "state of an array is malformed"),
        (array(b"K\x01\x85", dtype("f8") + b"(K\x03X\x01\x00\x00\x00<}NNtb", b"C\x00"), "array type is structured"),
        (array(b"K\x01\x85", dtype("f8"), b"}"), "does not come with its 8 bytes"),
        (b"\x80\x02" + global_("numpy", "ndarray") + b"J\xff\xff\xff\x7f\x85R.", "in a way that NumPy never writes"),
        (b"\x80\x02" + global_("numpy", "ndarray") + b".", "that is not plain data"),
        (b"\x80\x02" + global_("numpy", "ndarray") + b"}X\x01\x00\x00\x00aK\x01sb.", "tries to change a NumPy type"),
        (b"\x80\x02" + global_("numpy", "ndarray") + b")\x81.", "cannot be unpickled"),
        (b"\x80\x02" + global_("numpy.core.multiarray", "_reconstruct") + b"K\x01K\x01\x86R.", "class of its own"),
        (b"\x80\x03" + global_("numpy.core.multiarray", "scalar") + dtype("f8") + b"C\x01a\x86R.", "has 1 bytes"),
        (b"\x80\x03" + global_("numpy.core.multiarray", "scalar") + dtype("O8") + b"C\x08aaaaaaaa\x86R.", "malformed"),
        (b"\x80\x02" + global_("_codecs", "encode") + b"X\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.", "as 'hex'"),
        (b"\x80\x02}K\x01\x85K\x01s.", "a key that is neither text nor an integer"),
    ],
)
def test_numpy_is_given_nothing_that_it_would_trust(npy: NpyWriter, data: bytes, detail: str) -> None:
    path = npy(data)
    with pytest.raises(RawFileError, match=detail) as caught:
        read_pickled_npy(path)
    assert caught.value.path == path


def test_a_list_that_contains_itself_is_refused(npy: NpyWriter) -> None:
    with pytest.raises(RawFileError, match="contain themselves"):
        read_pickled_npy(npy(b"\x80\x02]q\x00h\x00a."))


def test_containers_that_are_classes_are_refused(readers: Readers) -> None:
    data = pickle.dumps(OrderedDict(imlist=[]), 2)
    assert all("asks for the global collections.OrderedDict" in message for message in readers(data))


SEEDS = [
    pickle.dumps({"imlist": ["a"], "qimlist": ["q"], "gnd": [{"bbx": [0, 0, 1, 1], "easy": [0]}]}, 2),
    pickle.dumps(np.array({"0_1": np.arange(6.0).reshape(3, 2), "0_2": []}), 3),
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.sampled_from(SEEDS), edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4))
def test_whatever_the_bytes_there_is_a_value_or_a_raw_file_error(
    npy: NpyWriter, seed: bytes, edits: list[tuple[int, int]]
) -> None:
    data = bytearray(seed)
    for at, value in edits:
        data[at % len(data)] = value
    path = npy(bytes(data))
    with suppress(RawFileError):
        read_pickled_npy(path)
    path.write_bytes(bytes(data))
    with suppress(RawFileError):
        read_gnd(path)
