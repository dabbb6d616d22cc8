"""The authors' numbers, to the last bit, through every door: the core, `pixret score` and the gRPC stream.

The golden files hold what the published scripts computed (OpenCV 4.11, NumPy 1.26) on the real ground truth
structure; see the README beside them.
"""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pixret.cli import app
from pixret.client import AsyncClient
from pixret.loader import prepare
from pixret.metrics import Accumulator, GroundTruth, report_bytes
from pixret.service import Server
from pixret.submissions import BenchmarkShape, Submission, read_results
from pixret.tables import read_ground_truth

CASES = ("roxford_small_s1", "roxford_small_s1_clean", "rparis_small_s1", "roxford_small_s1_err")
SOUND = CASES[:3]
TASKS = {"detection": ("bbox", "bbox_list_entries"), "segmentation": ("seg", "seg_scalar_entries")}
PROTOCOLS = ("medium", "hard")  # the published scripts know no others


@dataclass(frozen=True)
class Golden:
    """A case on disk, prepared, with the authors' numbers."""

    folder: Path
    data: Path
    truth: GroundTruth
    submission: Submission
    numbers: dict[str, Any]


@pytest.fixture(scope="module", params=CASES)
def golden(request, shared, tmp_path_factory):
    name = request.param
    work = tmp_path_factory.mktemp(name)
    with tarfile.open(shared / "golden" / f"{name}.tar.xz") as archive:
        archive.extractall(work, filter="data")
    folder, data = work / name, work / "data"
    benchmark = "prparis" if "paris" in name else "proxford"
    prepare(benchmark, folder / "pixel_retrieval_benchmarks", data, annotations_only=True)
    truth = read_ground_truth(data)
    shape = BenchmarkShape(truth.benchmark, len(truth.query_ids), len(truth.image_ids))
    submission = read_results(folder / "results", shape, "synth", "hp")
    return Golden(folder, data, truth, submission, json.loads((shared / "golden" / f"{name}.golden.json").read_text()))


@pytest.fixture(scope="module")
def scored(golden):
    accumulator = Accumulator(golden.truth)
    accumulator.add(golden.submission)
    return accumulator


def test_the_core_gives_every_pair(golden, scored):
    measured = {f"{query}_{image}": each for query, image, each in scored.pair_measurements()}
    ours = {pair: list(each.official) for pair, each in measured.items() if not isinstance(each.official, str)}
    assert golden.numbers["ious"]
    for pair, ious in golden.numbers["ious"].items():
        assert ours[pair] == ious, pair
    undefined = {f"{pair.query_index}_{pair.image_index}" for pair in scored.undefined_pairs()}
    assert undefined == set(golden.numbers["error_pairs"])


def test_the_core_gives_every_number(golden, scored):
    assert_authors_numbers(json.loads(report_bytes(scored)), golden.numbers)


def test_pixret_score_gives_every_number(golden, scored):
    arguments = [str(golden.folder / "results"), "--data", str(golden.data), "--method", "synth", "--ranking", "hp"]
    result = CliRunner().invoke(app, ["score", *arguments, "--json", "-"])
    assert result.exit_code == 0
    assert result.stdout_bytes == report_bytes(scored)
    assert_authors_numbers(json.loads(result.stdout_bytes), golden.numbers)


async def test_the_stream_gives_every_number(golden, scored):
    async with Server([golden.truth]) as server, AsyncClient(server.address) as client:
        report = await client.score(golden.truth.benchmark, golden.submission)
    assert report.content == report_bytes(scored)
    assert_authors_numbers(report.data, golden.numbers)


def assert_authors_numbers(report, numbers):
    official = report["conventions"]["official"]
    for protocol in PROTOCOLS:
        image_level = numbers["image_level"][protocol]
        assert official["protocols"][protocol]["ranking"]["map"] == image_level["map"]
        assert [query["protocols"][protocol]["ranking_ap"] for query in report["per_query"]] == image_level["aps"]
    if numbers["error_pairs"]:
        assert_undefined(report, numbers["error_pairs"])
    else:
        assert official["exact"]
        assert official["undefined_pairs"] == []
        for protocol in PROTOCOLS:
            for task in TASKS:
                assert_task(report, numbers, protocol, task)


def assert_task(report, numbers, protocol, task):
    short, entries = TASKS[task]
    metrics = report["conventions"]["official"]["protocols"][protocol][task]
    pixel_level = numbers["pixel_level"][entries][protocol]
    assert metrics["miou"] == numbers["mmiou"][f"{protocol}_{short}"]
    assert metrics["map_50_95"] == pixel_level["map_50_95"]
    assert list(metrics["map"].values()) == list(pixel_level["map_per_threshold"].values())
    queries = [query["protocols"][protocol]["official"][task] for query in report["per_query"]]
    assert [query["miou"] for query in queries] == numbers["mious"][f"{protocol}_{short}"]
    for threshold, authors_aps in pixel_level["aps_per_threshold"].items():
        # The scripts leave the zero they began with at the queries that they ignore.
        aps = [
            0.0 if query["ignored_in_map"] else each["ap"][f"0.{threshold}"]
            for query, each in zip(report["per_query"], queries, strict=True)
        ]
        assert aps == authors_aps


def assert_undefined(report, error_pairs):
    """Where the scripts crash there is no number: null, with the pairs named, and strict is computed all the same."""
    official, strict = report["conventions"]["official"], report["conventions"]["strict"]
    assert sorted(pair["pair"] for pair in official["undefined_pairs"]) == sorted(error_pairs)
    assert len(error_pairs) == 14
    assert not official["exact"]
    for protocol in ("easy", *PROTOCOLS):
        for task in TASKS:
            undefined, sound = official["protocols"][protocol][task], strict["protocols"][protocol][task]
            assert (undefined["miou"], undefined["map_50_95"], set(undefined["map"].values())) == (None, None, {None})
            assert undefined["undefined"]
            assert 0 < sound["map_50_95"] < sound["miou"] < 1
