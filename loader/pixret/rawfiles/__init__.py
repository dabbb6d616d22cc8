"""The authors' raw files, read without trusting them."""

from pixret.rawfiles._benchmarks import RAW_BENCHMARKS, RawBenchmark, RawCounts
from pixret.rawfiles._errors import MissingFileError, RawFileError
from pixret.rawfiles._files import read_bounded
from pixret.rawfiles._gnd import Gnd, GndQuery, read_gnd
from pixret.rawfiles._labelme import MAX_LABEL_BYTES, LabelmeLabel, LabelmeShape, parse_labelme, read_labelme
from pixret.rawfiles._npy import map_plain_npy, read_pickled_npy
from pixret.rawfiles._pairs import read_matching_result, read_pair_labels
from pixret.rawfiles._ranking import read_ranking
from pixret.rawfiles._unpickle import PickleLimits

__all__ = [
    "MAX_LABEL_BYTES",
    "RAW_BENCHMARKS",
    "Gnd",
    "GndQuery",
    "LabelmeLabel",
    "LabelmeShape",
    "MissingFileError",
    "PickleLimits",
    "RawBenchmark",
    "RawCounts",
    "RawFileError",
    "map_plain_npy",
    "parse_labelme",
    "read_bounded",
    "read_gnd",
    "read_labelme",
    "read_matching_result",
    "read_pair_labels",
    "read_pickled_npy",
    "read_ranking",
]
