"""Comparing two reports: the numbers computed again, scipy as the reference, and what must hold by symmetry."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scored import IGNORED, score

from pixret.reports import (
    HEADLINE,
    METRICS,
    Draws,
    ReportError,
    compare,
    comparison_json,
    comparison_markdown,
    find_metric,
)
from pixret.reports._contributions import Contributions
from pixret.reports._resampling import bootstrap_interval, randomization_p_value

FIRST, SECOND = score(7), score(7, points=False, share=0.6)
DEFINED = [
    path
    for path, metric in METRICS.items()
    if None not in (metric.read(FIRST.report).value, metric.read(SECOND.report).value)
]
SOME = [
    "strict.medium.segmentation.map_50_95",
    "official.medium.detection.map_50_95",
    "official.hard.segmentation.map@0.75",
    "strict.hard.detection.miou",
    "strict.easy.ranking.map",
    "coverage.medium",
]


def contributions(path):
    metric = find_metric(path, "test")
    return [Contributions.of(each.report, metric, "test") for each in (FIRST, SECOND)]


def mean_of(part, queries):
    """The number over a list of queries, in plain sums."""
    ratios = []
    for t in range(part.numerators.shape[1]):
        numerator = sum(part.numerators[q, t] for q in queries)
        ratios.append(numerator / (part.fixed + sum(part.denominators[q, t] for q in queries)))
    return sum(ratios) / len(ratios)


@pytest.mark.parametrize("seed", range(6))
def test_queries_give_every_number_of_the_report_again(seed):
    for share, ranked in ((1, True), (0.4, True), (1, False)):
        report = score(seed, share=share, ranked=ranked).report
        for metric in METRICS.values():
            if metric.read(report).value is not None:
                Contributions.of(report, metric, "test")  # refuses what differs


def test_ignored_queries_stay_in_the_official_denominator_and_leave_the_strict_one():
    official, strict = (contributions(f"{name}.medium.segmentation.map_50_95")[0] for name in ("official", "strict"))
    assert (official.fixed, strict.fixed) == (len(IGNORED), 0)
    for part in (official, strict):
        assert not {f"q{query}" for query in IGNORED} & set(part.query_ids)
    assert official.denominators.min() == 0
    assert strict.denominators.min() == 1
    assert contributions("official.medium.ranking.map")[0].fixed == 0


@pytest.mark.parametrize("path", SOME)
def test_the_interval_is_that_of_scipy(path):
    first, second = contributions(path)

    def statistic(queries):
        return mean_of(second, queries) - mean_of(first, queries)

    expected = stats.bootstrap(
        (np.arange(len(first.query_ids)),),
        statistic,
        vectorized=False,
        n_resamples=400,
        confidence_level=0.9,
        method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval
    found = bootstrap_interval(first, second, Draws(resamples=400, seed=3, confidence=0.9))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def scipy_p_value(path, queries, **options):
    """scipy's permutation test of the difference, for samples that hold the numbers of queries in two reports."""
    first, second = (
        np.stack([part.numerators[queries], part.denominators[queries]], axis=-1) for part in contributions(path)
    )
    fixed = contributions(path)[0].fixed

    def statistic(one, other, axis):
        # One sample a query: its index into `first`, or beyond their number, into `second`.
        both = np.concatenate([first, second])
        sums = [both[each.astype(int)].sum(axis=axis - 2) for each in (one, other)]
        means = [(sum_[..., 0] / (fixed + sum_[..., 1])).mean(axis=-1) for sum_ in sums]
        return means[1] - means[0]

    indices = np.arange(len(first), dtype=float)
    return stats.permutation_test(
        (indices, indices + len(first)), statistic, permutation_type="samples", vectorized=True, **options
    ).pvalue


def subset(part, queries):
    return Contributions(
        tuple(np.array(part.query_ids)[queries]), part.numerators[queries], part.denominators[queries], part.fixed
    )


@pytest.mark.parametrize("path", SOME)
def test_the_exact_p_value_is_that_of_scipy(path):
    queries = np.arange(8)
    first, second = (subset(part, queries) for part in contributions(path))
    found = randomization_p_value(first, second, Draws(resamples=256))
    assert found == pytest.approx(scipy_p_value(path, queries, n_resamples=np.inf), abs=1e-12)


@pytest.mark.parametrize("path", SOME)
def test_the_drawn_p_value_is_near_that_of_scipy(path):
    first, second = contributions(path)
    queries = np.arange(len(first.query_ids))
    found = randomization_p_value(first, second, Draws(resamples=4000))
    exact = scipy_p_value(path, queries, n_resamples=np.inf)
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000) + 1 / 4001)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=6),
    st.integers(0, 2),
)
@settings(max_examples=60)
def test_the_exact_p_value_is_the_share_of_swaps_that_differ_as_much(pairs, fixed):
    names, ones = tuple(map(str, range(len(pairs)))), np.ones((len(pairs), 1))
    first, second = (
        Contributions(names, np.array(side, float)[:, None], ones, fixed) for side in zip(*pairs, strict=True)
    )
    changes = [b - a for a, b in pairs]
    totals = [abs(np.dot(signs, changes)) for signs in itertools.product((1, -1), repeat=len(pairs))]
    expected = sum(total >= totals[0] for total in totals) / len(totals)
    assert randomization_p_value(first, second, Draws(resamples=100)) == pytest.approx(expected, abs=1e-12)


def test_a_drawn_p_value_counts_the_observed_one_and_is_never_0():
    names, ones = tuple(map(str, range(40))), np.ones((40, 1))
    first, second = Contributions(names, 0 * ones, ones, 0), Contributions(names, ones, ones, 0)
    assert randomization_p_value(first, second, Draws(resamples=99)) == 0.01


def test_comparing_the_other_way_round_mirrors_everything():
    metrics = [METRICS[path] for path in DEFINED]
    there = compare(FIRST.report, SECOND.report, metrics=metrics, draws=Draws(500))
    back = compare(SECOND.report, FIRST.report, metrics=metrics, draws=Draws(500))
    for one, other in zip(there.metrics, back.metrics, strict=True):
        assert (one.first, one.second) == (other.second, other.first)
        a, b = one.difference, other.difference
        assert (a.value, a.wins, a.losses, a.ties, a.apart) == (-b.value, b.losses, b.wins, b.ties, b.apart)
        np.testing.assert_allclose((a.low, a.high, a.p_value), (-b.high, -b.low, b.p_value), rtol=0, atol=1e-12)
        assert [(q.query_id, q.first, q.second) for q in a.moved] == [(q.query_id, q.second, q.first) for q in b.moved]


def test_a_report_does_not_differ_from_itself():
    metrics = [METRICS[path] for path in DEFINED]
    for each in compare(FIRST.report, FIRST.report, metrics=metrics, draws=Draws(200)).metrics:
        found = each.difference
        assert (found.value, found.low, found.high, found.p_value) == (0, 0, 0, 1)
        assert (found.wins, found.losses, found.moved) == (0, 0, ())


def test_same_seed_same_numbers_and_another_seed_another_interval():
    metrics = [METRICS[SOME[0]]]
    first, again, other = (
        compare(FIRST.report, SECOND.report, metrics=metrics, draws=Draws(300, seed)).metrics[0].difference
        for seed in (1, 1, 2)
    )
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_wins_and_losses_are_counted_over_the_queries_of_the_number():
    path = "strict.medium.segmentation.miou"
    (each,) = compare(FIRST.report, SECOND.report, metrics=[METRICS[path]], draws=Draws(100)).metrics
    values = [
        [query["protocols"]["medium"]["strict"]["segmentation"]["miou"] for query in scored.data["per_query"]]
        for scored in (FIRST, SECOND)
    ]
    changes = [b - a for a, b in zip(*values, strict=True) if a is not None]
    found = each.difference
    assert (found.wins, found.losses) == (sum(c > 0 for c in changes), sum(c < 0 for c in changes))
    assert found.ties == len(changes) - found.wins - found.losses
    assert found.apart == 0
    most = max(changes, key=abs)
    assert found.moved[0].second - found.moved[0].first == pytest.approx(most)


def test_a_query_that_leaves_the_official_mean_in_one_report_is_apart():
    (each,) = compare(FIRST.report, SECOND.report, metrics=[METRICS["official.hard.segmentation.map@0.75"]]).metrics
    assert each.difference.apart > 0


def test_an_undefined_number_is_told_with_its_reason(unranked):
    (each,) = compare(FIRST.report, unranked.report, metrics=[METRICS[SOME[0]]], names=("old", "new")).metrics
    assert (each.second, each.difference) == (None, None)
    assert each.undefined.startswith("undefined in new: mAP: nothing is ranked")


def test_a_report_whose_queries_do_not_give_its_numbers_is_refused():
    def edit(data):
        data["conventions"]["strict"]["protocols"]["medium"]["segmentation"]["miou"] = 0.99

    with pytest.raises(ReportError, match=r"new: its queries give 0\.\d+ for strict\.medium\.segmentation\.miou"):
        compare(FIRST.report, FIRST.changed(edit).report, names=("old", "new"))


def test_reports_that_tell_of_no_query_are_refused():
    hidden = FIRST.changed(lambda data: data.update(per_query=[])).report
    with pytest.raises(ReportError, match=r"^old: tells of no single query, .* pixret gate NEW --baseline OLD"):
        compare(hidden, hidden, names=("old", "new"))


def test_a_number_that_no_query_goes_into_has_no_difference():
    def ignore_all(data):
        for query in data["per_query"]:
            query["ignored_in_map"] = True
        scores = data["conventions"]["official"]["protocols"]["medium"]["segmentation"]
        scores.update(map_50_95=0.0, map=dict.fromkeys(scores["map"], 0.0))

    ignored = FIRST.changed(ignore_all).report
    (each,) = compare(ignored, ignored, metrics=[METRICS["official.medium.segmentation.map_50_95"]]).metrics
    assert (each.first, each.second, each.difference) == (0.0, 0.0, None)
    assert each.undefined == "without a difference: every query with a positive is ignored"


def test_draws_in_which_a_number_is_undefined_are_left_out():
    ones, none = np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])
    first, second = Contributions(("a", "b"), ones, none, 0), Contributions(("a", "b"), ones / 2, none, 0)
    assert bootstrap_interval(first, second, Draws(200)) == (-0.5, -0.5)
    empty = Contributions(("a", "b"), np.zeros((2, 1)), np.zeros((2, 1)), 0)
    assert np.isnan(bootstrap_interval(empty, empty, Draws(200))).all()


def test_the_comparison_as_json_and_markdown(unranked):
    comparison = compare(FIRST.report, unranked.report, names=("a|b", "<new>"), draws=Draws(200, 4, 0.9))
    data = json.loads(json.dumps(comparison_json(comparison), allow_nan=False))
    assert {key: value for key, value in data.items() if key not in ("metrics", "notes")} == {
        "schema": "pixret.comparison/1",
        "benchmark": "small",
        "first": "a|b",
        "second": "<new>",
        "resamples": 200,
        "seed": 4,
        "confidence": 0.9,
    }
    assert list(data["metrics"]) == [metric.path for metric in HEADLINE]
    assert "difference" not in data["metrics"]["strict.easy.ranking.map"]
    assert data["metrics"]["strict.easy.segmentation.miou"]["difference"]["p_value"] == 1
    text = comparison_markdown(comparison)
    assert r"| metric | a\|b | \<new> | difference |" in text
    assert "90 % interval of the difference by paired bootstrap over queries" in text
    assert "200 draws, seed 4" in text
    assert "undefined in \\<new>: mAP: nothing is ranked" in text
