"""From the authors' raw files to prepared tables, and from those to `datasets`.

Importing this imports no `datasets`; using `load` or `PixelRetrieval` does.
"""

import typing

from pixret.loader._distractors import prepare_distractors
from pixret.loader._errors import InconsistentSourceError, LoadError, PrepareError, Problem, ProblemKind
from pixret.loader._load import load
from pixret.loader._local_images import LocalImages
from pixret.loader._parallel import Progress
from pixret.loader._prepare import prepare
from pixret.loader._strip import strip_images
from pixret.tables import DISTRACTORS, DistractorsManifest

if typing.TYPE_CHECKING:
    from pixret.loader._builder import PixelRetrieval

__all__ = [
    "DISTRACTORS",
    "DistractorsManifest",
    "InconsistentSourceError",
    "LoadError",
    "LocalImages",
    "PixelRetrieval",
    "PrepareError",
    "Problem",
    "ProblemKind",
    "Progress",
    "load",
    "prepare",
    "prepare_distractors",
    "strip_images",
]


def __getattr__(name: str) -> typing.Any:
    if name == "PixelRetrieval":
        from pixret.loader._builder import PixelRetrieval

        return PixelRetrieval
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
