"""``pixret score``: where the report goes, what is said of rejected items, and how wrong input ends."""

import json
import shutil

import pytest
from serving import running_server, small_truth

from pixret.metrics import Accumulator, report_bytes
from pixret.submissions import BenchmarkShape, open_submission
from pixret.tables import read_ground_truth

FAULTY = [
    {"query_id": "nobody:smile:", "image_index": 0, "score": 0.5},
    {"query_index": 0, "image_id": "[bold]no[/bold]", "score": 0.5},
    {"query_index": 0, "image_index": 1, "score": 0.5, "segmentation": {"size": [9, 9], "counts": "1"}},
    {"query_index": 0, "image_index": 2, "score": 0.5},
]


def report_here(data, submission):
    accumulator = Accumulator(read_ground_truth(data), distractors=submission.distractors)
    accumulator.add(submission)
    return report_bytes(accumulator)


@pytest.fixture
def good(mini_folder):
    return mini_folder / "submissions" / "good.jsonl"


@pytest.fixture
def faulty(tmp_path):
    path = tmp_path / "faulty.jsonl"
    path.write_text("\n".join(map(json.dumps, FAULTY)))
    return path


def test_a_table_for_people(pixret, data, good):
    done = pixret("score", good, "--data", data, "--workers", 1)
    assert (done.code, done.err) == (0, "")
    for text in (
        "mini: ",
        " 0 rejected",
        "easy",
        "medium",
        "hard",
        "off. official, str. strict",
        "signature benchmark:",
    ):
        assert text in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines() if line.startswith(("easy", "medium", "hard")))


def test_a_report_for_machines_beside_the_table_or_instead_of_it(pixret, data, good, tmp_path):
    expected = report_here(data, open_submission(good))
    done = pixret("score", good, "--data", data, "--workers", 1, "--json", tmp_path / "report.json")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "report.json").read_bytes() == expected
    assert "signature" in done.out
    done = pixret("score", good, "--data", data, "--workers", 1, "--json", "-")
    assert (done.code, done.err, done.out.encode()) == (0, "", expected)


def test_a_server_gives_the_same_bytes(pixret, data, good, faulty, address):
    for path in (good, faulty):
        here = pixret("score", path, "--data", data, "--workers", 1, "--json", "-")
        there = pixret("score", path, "--data", data, "--server", address, "--json", "-")
        assert there == here
        assert here.code == 0


def test_the_authors_layout(pixret, data, mini_folder, address):
    results = mini_folder / "results"
    shape = BenchmarkShape("mini", 12, 126)
    for names in ({"method": "noisy"}, {"method": "noisy", "ranking": "good"}):
        expected = report_here(data, open_submission(results, shape, **names))
        options = [part for name, value in names.items() for part in (f"--{name}", value)]
        for where in (["--workers", 1], ["--server", address]):
            done = pixret("score", results, "--data", data, *options, *where, "--json", "-")
            assert (done.code, done.out.encode()) == (0, expected)
    done = pixret("score", results, "--data", data, "--method", "best")
    assert (done.code, done.out) == (2, "")
    assert "no 'best'; --method takes one of: boxes, empty, good, noisy, oracle, random" in done.err


def test_rejected_items_are_named_and_the_rest_is_scored(pixret, data, faulty):
    done = pixret("score", faulty, "--data", data, "--workers", 1)
    assert done.code == 0
    assert "mini: 4 items, 1 accepted, 3 rejected" in done.out
    lines = done.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(
        "item 0 (query nobody:smile:, image 0) is rejected: unknown_query: query: no query 'nobody:"
    )
    assert lines[1].startswith("item 1 (query 0, image [bold]no[/bold]) is rejected: unknown_image: image: no index")
    assert lines[2].startswith("item 2 (query 0, image 1) is rejected: invalid_mask: mask.rle.counts: the runs sum")


def test_strict_input_makes_rejected_items_an_error_that_still_reports(pixret, data, faulty, good):
    done = pixret("score", faulty, "--data", data, "--workers", 1, "--strict-input", "--json", "-")
    assert done.code == 2
    assert json.loads(done.out)["predictions"] == {"received": 4, "accepted": 1, "rejected": 3}
    assert len(done.err.splitlines()) == 3
    assert pixret("score", good, "--data", data, "--workers", 1, "--strict-input").code == 0


def test_several_benchmarks_in_one_folder(pixret, data, good, tmp_path):
    for name in ("mini", "other"):
        shutil.copytree(data / "mini", tmp_path / name)
    done = pixret("score", good, "--data", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "holds several benchmarks: mini, other" in done.err
    assert pixret("score", good, "--data", tmp_path, "--benchmark", "mini", "--workers", 1).code == 0
    done = pixret("score", good, "--data", tmp_path, "--benchmark", "cats")
    assert (done.code, done.out) == (2, "")
    assert "holds no cats" in done.err


def test_a_server_with_another_ground_truth_is_not_asked(pixret, data, good):
    with running_server(small_truth("mini")) as address:
        done = pixret("score", good, "--data", data, "--server", address)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"pixret: {address}: scores mini against sha256:")
    assert "and the prepared tables hold sha256:" in done.err


def test_a_server_without_the_benchmark_says_what_it_has(pixret, data, good):
    with running_server(small_truth()) as address:
        done = pixret("score", good, "--data", data, "--server", address)
    assert (done.code, done.out) == (2, "")
    assert "no benchmark 'mini' on this server, which has: small" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl", "--data", "DATA"], "missing.jsonl: no such file or folder"),
        (["table.csv", "--data", "DATA"], "ending '.csv' is not known; a submission is a folder or one of .parquet"),
        (["bad.jsonl", "--data", "DATA"], "bad.jsonl: line 2: score is 'x': expected `float | null`, got `str`"),
        (["bad.json", "--data", "DATA"], "bad.json: not COCO results: "),
        (["bad.parquet", "--data", "DATA"], "bad.parquet: not a Parquet file: "),
        ([".", "--data", "DATA"], "results layout, which takes --method NAME"),
        (["good.jsonl", "--data", "DATA", "--method", "good"], "--method and --ranking choose from a results folder"),
        (["good.jsonl", "--data", "nowhere"], "nowhere: holds no prepared benchmark"),
        (["good.jsonl", "--data", "good.jsonl"], "good.jsonl: holds no prepared benchmark"),
        (["good.jsonl", "--data", "DATA", "--server", "127.0.0.1:1"], "scoring server 127.0.0.1:1: "),
        (["good.jsonl", "--data", "DATA", "--workers", "1", "--json", "no/folder.json"], "no/folder.json"),
        (["good.jsonl", "--data", "DATA", "--workers", "1", "--json", "."], "Is a directory"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(pixret, data, tmp_path, monkeypatch, arguments, message):
    row = '{"query_index": 0, "image_index": 0, "score": 0.5}\n'
    (tmp_path / "good.jsonl").write_text(row)
    (tmp_path / "bad.jsonl").write_text(row + row.replace("0.5", '"x"'))
    for name in ("table.csv", "bad.json", "bad.parquet"):
        (tmp_path / name).write_text("nonsense")
    monkeypatch.chdir(tmp_path)
    done = pixret("score", *(data if argument == "DATA" else argument for argument in arguments))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pixret: ")
    assert message in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--tls"], "they tell how to reach a server; give --server, too"),
        (["--token-file", "token"], "they tell how to reach a server; give --server, too"),
        (["--server", "127.0.0.1:1", "--tls-ca", "bad.pem"], "bad.pem holds no certificate of an authority in PEM"),
    ],
)
def test_options_of_a_server_that_cannot_serve_their_purpose_are_refused(
    pixret, data, good, tmp_path, monkeypatch, options, fault
):
    (tmp_path / "bad.pem").write_text("nonsense")
    monkeypatch.chdir(tmp_path)
    done = pixret("score", good, "--data", data, *options)
    assert (done.code, done.out) == (2, "")
    assert fault in " ".join(done.err.replace("│", " ").split())


def test_no_digit_is_lost_where_a_terminal_is_narrow(pixret, data, good, monkeypatch):
    wide = pixret("score", good, "--data", data, "--workers", "1")
    monkeypatch.setattr("pixret.cli._console.results.width", 30)
    assert pixret("score", good, "--data", data, "--workers", "1") == wide
