"""The trapezoid against revisitop's own loop, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import average_precision

from pixret.metrics import THRESHOLDS, average_precisions
from pixret.metrics._average_precision import ranks_without_junk

KINDS = st.lists(st.sampled_from(["hit", "miss", "junk", "other"]), max_size=60)


@given(KINDS, st.integers(0, 5))
def test_ap_equals_walking_down_the_ranking(kinds, unranked):
    hits = [kind == "hit" for kind in kinds]
    positives = sum(hits) + unranked
    judged = np.array([i for i, kind in enumerate(kinds) if kind != "other"], int)
    junk = np.array([kinds[i] == "junk" for i in judged], bool)
    ranks = ranks_without_junk(judged, junk[None])[:, ~junk]
    candidates = np.array([[[hits[i] for i in judged[~junk]]]], bool)
    ((ap,),) = average_precisions(candidates, ranks, np.array([[positives]]))
    if positives == 0:
        assert np.isnan(ap)
    else:
        assert ap == average_precision(hits, [kind == "junk" for kind in kinds], positives)


@given(st.integers(1, 30))
def test_a_perfect_ranking_has_ap_1(count):
    ap = average_precisions(np.ones((1, 1, count), bool), np.arange(count)[None], np.array([[count]]))
    assert abs(ap[0, 0] - 1.0) < 1e-12


def test_thresholds_are_integers_over_100():
    assert THRESHOLDS.tolist() == [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]


@pytest.mark.parametrize("kind", [np.float64, np.int32, np.uint8])
def test_ranks_and_positives_of_another_type_are_the_same_numbers(kind):
    hits, ranks, positives = np.array([[[1, 0, 1]]]), np.array([[0, 2, 3]]), np.array([[4]])
    (ap,) = average_precisions(hits.astype(bool), ranks, positives)
    assert average_precisions(hits.astype(kind), ranks.astype(kind), positives.astype(kind)) == ap
