"""From a label file to a label: the costly part of preparing, pure, so that it can run in any process."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from pixret.loader._errors import Problem, ProblemKind
from pixret.metrics import Label, Mask, MaskError
from pixret.rawfiles import (
    MAX_LABEL_BYTES,
    LabelmeLabel,
    MissingFileError,
    RawFileError,
    parse_labelme,
    read_bounded,
)

CHUNK = 64
"""Labels that a worker takes at a time."""

WORTH_A_WORKER = 256
"""Labels that take about as long to read as a worker to start."""


@dataclass(frozen=True, slots=True)
class LabelJob:
    """A label file to read: the pair that it belongs to (QUERY_IMAGE), and the name of the index image."""

    pair: str
    path: Path
    image_name: str


@dataclass(frozen=True, slots=True)
class LabelReading:
    """What a label file gave: a label with the file's SHA-256, or problems.

    `names_other_image` says that the file names another image than its pair. That alone refuses nothing: annotators
    rename files, and it is the pair map that says what a label belongs to.
    """

    label: Label | None
    sha256: str
    problems: tuple[Problem, ...]
    names_other_image: bool = False


def read_label(job: LabelJob) -> LabelReading:
    """Read, check and rasterize one label. Never raises for what is in the file."""
    try:
        data = read_bounded(job.path, MAX_LABEL_BYTES)
        labelme = parse_labelme(data, job.path)
    except MissingFileError as error:
        return _failed(job, ProblemKind.MISSING_LABEL, f"its label does not exist: {error}")
    except RawFileError as error:
        return _failed(job, ProblemKind.UNREADABLE_LABEL, str(error))
    if problems := tuple(_far_outside(job, labelme)):
        return LabelReading(None, "", problems)
    try:
        mask = Mask.from_polygons([shape.outline for shape in labelme.shapes], labelme.height, labelme.width)
    except MaskError as error:
        return _failed(job, ProblemKind.UNREADABLE_LABEL, f"{job.path}: {error}")
    label = Label(mask, tuple(shape.points for shape in labelme.shapes))
    # A Windows path takes both kinds of separators, and labels are drawn on all kinds of machines.
    names_other_image = PureWindowsPath(labelme.image_path).stem != job.image_name
    return LabelReading(label, hashlib.sha256(data).hexdigest(), (), names_other_image)


def _far_outside(job: LabelJob, labelme: LabelmeLabel) -> list[Problem]:
    """Find the shapes with a vertex further outside the image than the image is large."""
    problems = []
    for at, shape in enumerate(labelme.shapes):
        x, y = shape.points.T
        far = (x < -labelme.width) | (x > 2 * labelme.width) | (y < -labelme.height) | (y > 2 * labelme.height)
        if far.any():
            vertex = tuple(shape.points[far.argmax()].tolist())
            message = f"{job.path} has shape {at} with the vertex {vertex}, far outside its image of "
            message += f"{labelme.width} x {labelme.height} pixels"
            problems.append(Problem(ProblemKind.OUTSIDE_IMAGE, job.pair, message))
    return problems


def _failed(job: LabelJob, kind: ProblemKind, message: str) -> LabelReading:
    return LabelReading(None, "", (Problem(kind, job.pair, message),))
