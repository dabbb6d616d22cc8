"""The metric core: masks and their IoU, AP, mAP and mIoU in both conventions, and the accumulator."""

from pixret.metrics._accumulator import Accumulator, Batch, Rejection, UndefinedPair
from pixret.metrics._average_precision import THRESHOLDS, average_precisions
from pixret.metrics._errors import ItemError, MaskError, MergeConflictError, NoRasterizerError, Reason
from pixret.metrics._groundtruth import GroundTruth, JudgedPair, Label, Level, Protocol
from pixret.metrics._iou import PairIou, pair_iou, pair_ious
from pixret.metrics._items import (
    NO_MASK,
    BoxRegion,
    ImageRef,
    Item,
    Malformed,
    NoMask,
    Polygons,
    Prediction,
    Ranking,
    Region,
    Rle,
    Runs,
    Unreadable,
)
from pixret.metrics._mask import CocoRle, Mask
from pixret.metrics._measure import MaskJob, Measurement, Outcome, measure
from pixret.metrics._native import COMPILED
from pixret.metrics._polygons import POLYGONS
from pixret.metrics._pool import MeasurePool
from pixret.metrics._query import QueryScores
from pixret.metrics._report import SCHEMA, report, report_bytes
from pixret.metrics._resolve import Ordering, Resolved, ResolvedPrediction, ResolvedRanking
from pixret.metrics._rle import DEFAULT_LIMITS, MAX_COORDINATE, MAX_PIXELS, MaskLimits
from pixret.metrics._signature import signature
from pixret.metrics._snapshot import Bounds, ConventionMetrics, ProtocolMetrics, Snapshot, TaskMetrics
from pixret.metrics._workers import holding_signals, usable_cores, worker_pool

__all__ = [
    "COMPILED",
    "DEFAULT_LIMITS",
    "MAX_COORDINATE",
    "MAX_PIXELS",
    "NO_MASK",
    "POLYGONS",
    "SCHEMA",
    "THRESHOLDS",
    "Accumulator",
    "Batch",
    "Bounds",
    "BoxRegion",
    "CocoRle",
    "ConventionMetrics",
    "GroundTruth",
    "ImageRef",
    "Item",
    "ItemError",
    "JudgedPair",
    "Label",
    "Level",
    "Malformed",
    "Mask",
    "MaskError",
    "MaskJob",
    "MaskLimits",
    "MeasurePool",
    "Measurement",
    "MergeConflictError",
    "NoMask",
    "NoRasterizerError",
    "Ordering",
    "Outcome",
    "PairIou",
    "Polygons",
    "Prediction",
    "Protocol",
    "ProtocolMetrics",
    "QueryScores",
    "Ranking",
    "Reason",
    "Region",
    "Rejection",
    "Resolved",
    "ResolvedPrediction",
    "ResolvedRanking",
    "Rle",
    "Runs",
    "Snapshot",
    "TaskMetrics",
    "UndefinedPair",
    "Unreadable",
    "average_precisions",
    "holding_signals",
    "measure",
    "pair_iou",
    "pair_ious",
    "report",
    "report_bytes",
    "signature",
    "usable_cores",
    "worker_pool",
]
