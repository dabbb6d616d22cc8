"""What a number depends on, in one line beside the number."""

from functools import cache
from importlib.metadata import version

from pixret.metrics._average_precision import THRESHOLDS
from pixret.metrics._groundtruth import GroundTruth, Protocol
from pixret.metrics._polygons import POLYGONS

_version = cache(version)  # a server formats a signature for every report, and a look-up searches the whole environment


def signature(truth: GroundTruth, distractors: int) -> str:
    """Format the signature of a report, as ``key:value`` joined by bars, in the manner of sacrebleu's.

    Two reports with equal signatures are comparable, and anyone can compute either again.
    """
    step = THRESHOLDS[1] - THRESHOLDS[0]
    parts = {
        "benchmark": truth.benchmark,
        "truth": truth.digest,
        "conventions": "official+strict",
        "protocols": "+".join(Protocol),
        "thresholds": f"{THRESHOLDS[0]:.2f}:{THRESHOLDS[-1]:.2f}:{step:.2f}",
        "ties": "image_index",
        "distractors": str(distractors),
        "pixret": _version("pixret"),
        "numpy": _version("numpy"),
        "pycocotools": _version("pycocotools"),
        "polygons": POLYGONS,
    }
    return "|".join(f"{key}:{value}" for key, value in parts.items())
