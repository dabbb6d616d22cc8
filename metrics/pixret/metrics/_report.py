"""The report of a submission: the same bytes wherever it was scored."""

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._accumulator import Accumulator, Rejection
from pixret.metrics._average_precision import THRESHOLDS
from pixret.metrics._groundtruth import Protocol
from pixret.metrics._query import QueryScores
from pixret.metrics._signature import signature
from pixret.metrics._snapshot import ConventionMetrics, Snapshot, TaskMetrics
from pixret.metrics._state import DETECTION, OFFICIAL, SEGMENTATION, STRICT

SCHEMA = "pixret.report/1"
MAX_REJECTIONS = 10_000
"""Rejections that a report names; a submission with more says how many it leaves out."""

_THRESHOLD_KEYS = tuple(f"{threshold:.2f}" for threshold in THRESHOLDS)
_CONVENTIONS = (("official", OFFICIAL), ("strict", STRICT))
_TASKS = (("detection", DETECTION), ("segmentation", SEGMENTATION))

Json = dict[str, Any]


def report(accumulator: Accumulator, told: Snapshot | None = None) -> Json:
    """Everything there is to say of a submission, as JSON values. Undefined is null, never NaN.

    With `told`, a snapshot of which parts may be withheld, it holds those numbers and none of single queries or pairs.
    """
    snapshot = accumulator.snapshot() if told is None else told
    return {
        "schema": SCHEMA,
        "benchmark": accumulator.truth.benchmark,
        "signature": signature(accumulator.truth, accumulator.distractors),
        "predictions": {
            "received": snapshot.received,
            "accepted": snapshot.accepted,
            "rejected": snapshot.rejected,
        },
        "coverage": {protocol.value: metrics.coverage for protocol, metrics in snapshot.protocols.items()},
        "conventions": {
            "official": _official(snapshot, _undefined_pairs(accumulator) if told is None else []),
            "strict": {"exact": True, "protocols": _protocols(snapshot, "strict")},
        },
        "rejections": [_rejection(each) for each in accumulator.rejections[:MAX_REJECTIONS]],
        "rejections_left_out": max(0, snapshot.rejected - MAX_REJECTIONS),
        "per_query": [_query(accumulator, query) for query in range(len(accumulator.truth.query_ids)) if told is None],
    }


def report_bytes(accumulator: Accumulator, told: Snapshot | None = None) -> bytes:
    """The report as JSON in UTF-8, one fixed form: what is written, sent and compared."""
    text = json.dumps(report(accumulator, told), indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")  # a name of a submission may hold what is no text


def _undefined_pairs(accumulator: Accumulator) -> list[Json]:
    truth = accumulator.truth
    return [
        {
            "pair": f"{pair.query_index}_{pair.image_index}",
            "query_id": truth.query_ids[pair.query_index],
            "image_id": truth.image_ids[pair.image_index],
            "reason": pair.reason,
        }
        for pair in accumulator.undefined_pairs()
    ]


def _official(snapshot: Snapshot, undefined_pairs: list[Json]) -> Json:
    return {
        "exact": snapshot.official_exact,
        "undefined_pairs": undefined_pairs,
        "protocols": _protocols(snapshot, "official"),
    }


def _protocols(snapshot: Snapshot, convention: str) -> Json:
    return {
        protocol.value: _convention(getattr(metrics, convention)) for protocol, metrics in snapshot.protocols.items()
    }


def _convention(metrics: ConventionMetrics) -> Json:
    return {
        "detection": _task(metrics.detection),
        "segmentation": _task(metrics.segmentation),
        "ranking": {"map": metrics.ranking_map},
    }


def _task(metrics: TaskMetrics) -> Json:
    by_threshold = metrics.map if metrics.map is not None else (None,) * len(_THRESHOLD_KEYS)
    values: Json = {
        "miou": metrics.miou,
        "map_50_95": metrics.map_50_95,
        "map": dict(zip(_THRESHOLD_KEYS, by_threshold, strict=True)),
    }
    return values if metrics.undefined is None else values | {"undefined": metrics.undefined}


def _rejection(rejection: Rejection) -> Json:
    return {
        "offset": rejection.offset,
        "query": str(rejection.query),
        "image": None if rejection.image is None else str(rejection.image),
        "reason": rejection.reason.value,
        "field": rejection.field,
        "message": rejection.message,
    }


def _query(accumulator: Accumulator, query: int) -> Json:
    scores = accumulator.query_scores(query)
    return {
        "query_index": query,
        "query_id": accumulator.truth.query_ids[query],
        "ignored_in_map": query in accumulator.truth.ignored_queries,
        "ranked": accumulator.ranked_count(query),
        "protocols": {protocol.value: _query_protocol(scores, index) for index, protocol in enumerate(Protocol)},
    }


def _query_protocol(scores: QueryScores, protocol: int) -> Json:
    values: Json = {
        "positives": int(scores.positives[protocol]),
        "predicted": int(scores.predicted[protocol]),
        "ranking_ap": _number(scores.ranking_ap[protocol]),
    }
    for name, convention in _CONVENTIONS:
        values[name] = {
            task_name: {
                "miou": _number(scores.miou[protocol, convention, task]),
                "ap": _by_threshold(scores.ap[protocol, convention, task]),
            }
            for task_name, task in _TASKS
        }
    return values


def _by_threshold(values: NDArray[np.float64]) -> Json:
    return dict(zip(_THRESHOLD_KEYS, map(_number, values.tolist()), strict=True))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
