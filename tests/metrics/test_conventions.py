"""Both conventions against the plain reference, on random small benchmarks."""

import math

import pytest
from cases import ground_truth, predictions, random_case
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import LEVELS, official, ranking_map, strict

from pixret.metrics import Accumulator, Protocol

SEEDS = st.integers(0, 2**32 - 1)


def _scored(queries, *, points, ignored=()):
    accumulator = Accumulator(ground_truth(queries, ignored=ignored))
    assert accumulator.add(predictions(queries, points=points)) == []
    return accumulator.snapshot()


def _task(snapshot, convention, protocol, task):
    return getattr(getattr(snapshot.protocols[Protocol(protocol)], convention), task)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([(), (1,), (0, 3)]))
def test_strict_equals_brute_force(seed, ignored):
    queries = random_case(seed)
    snapshot = _scored(queries, points=False, ignored=ignored)
    ranked = any(query.ranking for query in queries) or not any(query.masks for query in queries)
    for (protocol, task), (miou, maps) in strict(queries, ignored).items():
        metrics = _task(snapshot, "strict", protocol, task)
        assert metrics.miou == (None if miou is None else pytest.approx(miou, abs=1e-15))
        if not ranked or maps is None:
            assert metrics.map is None
            assert metrics.undefined
        else:
            assert metrics.map == pytest.approx(maps, abs=1e-14)
            assert metrics.map_50_95 == pytest.approx(sum(maps) / 10, abs=1e-14)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([(), (1,), (0, 3)]))
def test_official_equals_the_published_scripts_to_the_last_bit(seed, ignored):
    queries = random_case(seed)
    snapshot = _scored(queries, points=True, ignored=ignored)
    try:
        expected = official(queries, ignored)
    except RuntimeWarning:  # 0/0: the scripts yield NaN, and there is no number to be faithful to
        assert not snapshot.official_exact
        assert _task(snapshot, "official", "medium", "segmentation").miou is None
        return
    ranked = any(query.ranking for query in queries) or not any(query.masks for query in queries)
    for (protocol, task), (miou, maps) in expected.items():
        metrics = _task(snapshot, "official", protocol, task)
        assert metrics.miou == (None if math.isnan(miou) else miou)
        if not ranked or None in maps:
            assert metrics.map is None
            assert metrics.undefined
        else:
            assert metrics.map == tuple(maps)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_the_ranking_alone_is_scored_as_revisitop_does(seed):
    queries = random_case(seed)
    snapshot = _scored(queries, points=True)
    if any(query.ranking for query in queries):
        for protocol in LEVELS:
            metrics = snapshot.protocols[Protocol(protocol)]
            assert metrics.official.ranking_map == metrics.strict.ranking_map == ranking_map(queries, protocol)


def test_sums_over_many_queries_go_from_left_to_right():
    queries = random_case(1, queries=60)  # np.sum adds as many in another order
    snapshot = _scored(queries, points=True)
    for protocol in LEVELS:
        assert snapshot.protocols[Protocol(protocol)].strict.ranking_map == ranking_map(queries, protocol)


def test_masks_on_the_true_canvas_leave_the_official_numbers_inexact():
    queries = random_case(7)
    assert _scored(queries, points=True).official_exact
    assert not _scored(queries, points=False).official_exact


def test_without_any_order_only_the_map_is_undefined():
    queries = random_case(7)
    for query in queries:
        query.ranking = []
    metrics = _task(_scored(queries, points=True), "strict", "medium", "segmentation")
    assert metrics.miou is not None
    assert metrics.map_50_95 is None
    assert metrics.undefined is not None
    assert "nothing is ranked" in metrics.undefined


def test_nothing_received_is_scored_as_nothing_found():
    snapshot = Accumulator(ground_truth(random_case(7))).snapshot()
    metrics = _task(snapshot, "strict", "medium", "segmentation")
    assert (metrics.miou, metrics.map_50_95) == (0.0, 0.0)
    assert snapshot.protocols[Protocol.MEDIUM].coverage == 0.0
