import hashlib
import os
import pickle
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pixret.rawfiles import RAW_BENCHMARKS, RawFileError, read_gnd

Writer = Callable[[object], Path]
MINI: dict[str, Any] = {
    "imlist": ["a", "b", "c", "d"],
    "qimlist": ["p", "q"],
    "gnd": [
        {"bbx": [1, 2.5, 10, 20], "easy": [3, 0], "hard": [1], "junk": []},
        {"bbx": [0.0, 0.0, 5.0, 5.0], "easy": [], "hard": [], "junk": [2, 1, 0]},
    ],
}


def test_a_file_reads_as_records_in_its_own_order(gnd: Writer) -> None:
    read = read_gnd(gnd(MINI))
    assert (read.imlist, read.qimlist) == (("a", "b", "c", "d"), ("p", "q"))
    assert read.queries[0].bbx == (1.0, 2.5, 10.0, 20.0)
    assert (read.queries[0].easy, read.queries[0].hard, read.queries[0].junk) == ((3, 0), (1,), ())
    assert read.queries[1].junk == (2, 1, 0)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_reads(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "gnd.pkl"
    path.write_bytes(pickle.dumps(MINI, protocol))
    assert read_gnd(path).imlist == ("a", "b", "c", "d")


@pytest.mark.parametrize("benchmark", ["proxford", "prparis"])
def test_the_published_files_hold_what_the_benchmark_says(shared: Path, benchmark: str) -> None:
    raw = RAW_BENCHMARKS[benchmark]
    assert raw.counts is not None
    read = read_gnd(shared / "data" / "revisitop" / Path(raw.gnd).name)
    totals = {level: sum(len(getattr(query, level)) for query in read.queries) for level in ("easy", "hard", "junk")}
    assert (len(read.queries), len(read.imlist)) == (raw.counts.queries, raw.counts.images)
    assert totals == {"easy": raw.counts.easy, "hard": raw.counts.hard, "junk": raw.counts.junk}
    without_easy = [q for q, query in enumerate(read.queries) if not query.easy]
    assert without_easy == ([11, 66] if benchmark == "proxford" else [])


@pytest.mark.parametrize("benchmark", ["proxford", "prparis"])
def test_the_published_files_have_the_known_digests(shared: Path, benchmark: str) -> None:
    raw = RAW_BENCHMARKS[benchmark]
    data = (shared / "data" / "revisitop" / Path(raw.gnd).name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == raw.gnd_sha256


def broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = deepcopy(MINI)
    change(content)
    return content


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda g: g.pop("imlist"), "imlist is missing"),
        (lambda g: g.update(gnd={}), "gnd is a dict, not a list"),
        (lambda g: g["gnd"].pop(), "gnd has 1 entries, and qimlist names 2 queries"),
        (lambda g: g["imlist"].append("a"), r"imlist\[4\] is a, and so is imlist\[0\]"),
        (lambda g: g["qimlist"].append(7), r"qimlist\[2\] is 7, not the name"),
        (lambda g: g["imlist"].append("../a"), r"imlist\[4\] is '../a', not the name"),
        (lambda g: g["imlist"].append("\ud800"), r"imlist\[4\] is '\\ud800', not the name"),
        (lambda g: g["imlist"].append(""), r"imlist\[4\] is '', not the name"),
        (lambda g: g.update(imlist=[]), "imlist names no image"),
        (lambda g: g.update(gnd=[g["gnd"][0], 3]), r"gnd\[1\] is a int; a dict of bbx"),
        (lambda g: g["gnd"][1].pop("junk"), r"gnd\[1\].junk is missing"),
        (lambda g: g["gnd"][0].update(easy="ab"), r"gnd\[0\].easy is a str, not a list"),
        (lambda g: g["gnd"][0]["easy"].append(4), r"gnd\[0\].easy\[2\] is 4, and imlist has images 0 to 3"),
        (lambda g: g["gnd"][0]["easy"].append(-1), r"gnd\[0\].easy\[2\] is -1"),
        (lambda g: g["gnd"][0]["hard"].append(True), r"gnd\[0\].hard\[1\] is True, not the index"),
        (lambda g: g["gnd"][0]["hard"].append(2.0), r"gnd\[0\].hard\[1\] is 2.0, not the index"),
        (lambda g: g["gnd"][0]["junk"].append(3), r"gnd\[0\] judges image 3 twice, as easy and as junk"),
        (lambda g: g["gnd"][0]["easy"].append(0), r"gnd\[0\] judges image 0 twice, as easy and as easy"),
        (lambda g: g["gnd"][0].update(bbx=[1, 2, 3]), r"gnd\[0\].bbx is \[1, 2, 3\], not four numbers"),
        (lambda g: g["gnd"][0].update(bbx=[1, 2, 3, "4"]), r"gnd\[0\].bbx is .*, not four numbers"),
        (lambda g: g["gnd"][0].update(bbx=[1, 2, 3, float("nan")]), r"gnd\[0\].bbx is .*nan.*, not four numbers"),
        (lambda g: g["gnd"][0].update(bbx=[5, 2, 3, 4]), r"gnd\[0\].bbx is \[5, 2, 3, 4\]: x1 < x2 and y1 < y2"),
    ],
)
def test_what_is_wrong_is_named(gnd: Writer, change: Callable[[dict[str, Any]], object], detail: str) -> None:
    path = gnd(broken(change))
    with pytest.raises(RawFileError, match=detail) as caught:
        read_gnd(path)
    assert caught.value.path == path
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [[1, 2], None, "text", 7, ("imlist",)])
def test_what_is_no_dict_is_refused(gnd: Writer, content: object) -> None:
    with pytest.raises(RawFileError, match="a dict of imlist, qimlist and gnd belongs here"):
        read_gnd(gnd(content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RawFileError, match="no such file"):
        read_gnd(tmp_path / "gnd.pkl")
    with pytest.raises(RawFileError, match="not a regular file"):
        read_gnd(tmp_path)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gnd.pkl")
    with pytest.raises(RawFileError, match="not a regular file"):
        read_gnd(tmp_path / "gnd.pkl")


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "gnd.pkl").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(RawFileError, match="larger than 16777216 bytes"):
        read_gnd(tmp_path / "gnd.pkl")


def test_a_truncated_file_is_refused_wherever_it_ends(gnd: Writer, tmp_path: Path) -> None:
    data = gnd(MINI).read_bytes()
    path = tmp_path / "short.pkl"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(RawFileError, match="cannot be unpickled"):
            read_gnd(path)


def test_bytes_after_the_end_are_refused(gnd: Writer) -> None:
    path = gnd(MINI)
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(RawFileError, match="goes on for 4 bytes after the end"):
        read_gnd(path)
