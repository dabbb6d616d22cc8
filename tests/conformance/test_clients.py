"""Every client through every scenario, against real servers: the report of scoring locally, byte for byte."""

import json
from pathlib import Path

import numpy as np
import pytest
from jobs import check, rows_of
from serving import IMAGES, QUERIES

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]  # the first test of a client builds it

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
SCENARIOS = {path.stem: json.loads(path.read_bytes()) for path in FILES}


@pytest.mark.parametrize("transport", ["stream", "unary"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(driver, address, name, transport):
    scenario = SCENARIOS[name]
    rows, distractors = scenario["items"], scenario.get("distractors", 0)
    result = driver.run(address, rows, distractors=distractors, transport=transport)
    check(result, rows, distractors)
    assert [each[:2] for each in result["rejections"]] == scenario.get("rejections", [])


def test_every_other_call(driver, address):
    rows = SCENARIOS["every_fault"]["items"]
    result = driver.run(address, rows, calls=True)
    check(result, rows)
    report = json.loads(result["report"])
    task = report["conventions"]["strict"]["protocols"]["medium"]["segmentation"]
    assert result["calls"] == {
        "benchmarks": [["small", len(QUERIES), len(IMAGES)]],
        "query_ids": list(QUERIES),
        "image_ids": list(IMAGES),
        "session": [len(rows), len(rows) - len(result["rejections"]), len(result["rejections"])],
        "listed": True,
        "metrics": [task["miou"], task["map_50_95"]],
        "rejections": result["rejections"],
        "deleted": "NOT_FOUND",
    }


def test_snapshots_at_the_pace_that_was_asked_for(driver, address):
    rows = rows_of()
    with driver.start(address, snapshot_interval=0.01, batch_items=1) as process:
        driver.send(process, rows)
        result = driver.finish(process)
    check(result, rows)
    assert result["snapshots"] == sorted(result["snapshots"])


def test_a_ranking_of_a_million_images(driver, address):
    distractors = 1_000_000
    order = np.random.default_rng(3).permutation(len(IMAGES) + distractors).tolist()
    rows = [{"query_index": 0, "ranking": order}]
    check(driver.run(address, rows, distractors=distractors), rows, distractors)


def test_wrong_totals_are_refused(driver, address):
    rows = rows_of(queries=1)
    result = driver.run(address, rows, claim=len(rows) + 1)
    assert result["report"] is None
    assert result["error"]["code"] == "FAILED_PRECONDITION"
    assert str(len(rows)) in result["error"]["message"]


def test_an_unknown_benchmark_is_an_error_by_name(driver, address):
    result = driver.run(address, benchmark="nowhere")
    assert result["error"]["code"] == "NOT_FOUND"
    assert "nowhere" in result["error"]["message"]
