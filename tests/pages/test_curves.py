"""What curves and distributions are, by the numbers of the report."""

import numpy as np
import pytest
from cases import ground_truth, predictions, random_case
from hypothesis import given, settings
from hypothesis import strategies as st
from paged import Case

from pixret.metrics import Accumulator, Level, Protocol, report_bytes
from pixret.pages._curves import draw_curves
from pixret.pages._judged import judged_queries
from pixret.pages._overlaps import count_overlaps
from pixret.pages._views import THRESHOLD_KEYS, VIEWS
from pixret.reports import CONVENTIONS, TASKS, find_metric, parse_report

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.booleans(), st.sampled_from([(), (1,), (0, 3)]))
def test_the_area_below_a_curve_is_the_map_at_its_threshold(seed: int, points: bool, ignored: tuple[int, ...]) -> None:
    queries = random_case(seed)
    accumulator = Accumulator(ground_truth(queries, ignored=ignored))
    accumulator.add(predictions(queries, points=points))
    report, judged = parse_report(report_bytes(accumulator), "report.json"), judged_queries(accumulator)
    for view in VIEWS:
        curves = draw_curves(report, judged, view)
        told = [view.metric(f"map@{key}").read(report).value for key in THRESHOLD_KEYS]
        assert (curves is None) == (None in told)
        if curves is not None:
            assert curves.by_threshold.mean(axis=1) == pytest.approx(told, abs=1e-12)
            ranking = find_metric(f"strict.{view.protocol}.ranking.map", "test").read(report).value
            assert curves.ranking.mean() == pytest.approx(ranking or 0.0, abs=1e-12)
            assert (curves.by_threshold >= -1e-12).all()
            assert (curves.by_threshold <= 1 + 1e-12).all()


def test_every_positive_is_in_a_distribution_once(case: Case) -> None:
    accumulator = Accumulator(case.truth)
    accumulator.add(case.items)
    judged = judged_queries(accumulator)
    assert accumulator.undefined_pairs() == []
    for convention in CONVENTIONS:
        for task in TASKS:
            overlaps = count_overlaps(judged, convention, task)
            assert overlaps is not None
            for level in (Level.EASY, Level.HARD):
                assert overlaps.total(level) == case.truth.count(level)
            found = [each for _, _, each in accumulator.pair_measurements() if each.found]
            passing = sum(getattr(getattr(each, convention), task) >= 0.5 for each in found)
            assert sum(int(counts[10:].sum()) for counts in overlaps.counts.values()) == passing
            assert sum(overlaps.nothing.values()) == case.truth.count(Level.EASY) + case.truth.count(Level.HARD) - len(
                found
            )


def test_a_pair_without_an_official_number_leaves_no_official_distribution(case: Case) -> None:
    accumulator = Accumulator(case.truth)
    accumulator.add(case.items)
    judged = judged_queries(accumulator)
    where = next(query for query in judged if query.found.any())
    where.ious[CONVENTIONS.index("official"), :, np.flatnonzero(where.found)[0]] = np.nan
    assert count_overlaps(judged, "official", "segmentation") is None
    assert count_overlaps(judged, "strict", "segmentation") is not None


def test_nothing_ranked_gives_no_curve() -> None:
    from scored import score

    unranked = score(7, ranked=False)
    queries = random_case(7, queries=14)
    accumulator = Accumulator(ground_truth(queries, ignored=(1, 5)))
    assert all(draw_curves(unranked.report, judged_queries(accumulator), view) is None for view in VIEWS)
    assert {view.protocol for view in VIEWS} == set(Protocol)
