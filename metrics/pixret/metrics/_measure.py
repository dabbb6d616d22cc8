"""Masks in, IoUs out: the costly part of scoring, pure, so that it can run in any process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pixret.metrics._errors import ItemError, MaskError, Reason
from pixret.metrics._iou import NOTHING_FOUND, PairIou, pair_iou
from pixret.metrics._items import BoxRegion, NoMask, Polygons, Region, Rle, Runs, Unreadable
from pixret.metrics._mask import Mask
from pixret.metrics._polygons import Polygon, checked_polygons
from pixret.metrics._rle import DEFAULT_LIMITS, MaskLimits, RunSummary, summarize_counts

_BATCH = 64  # masks whose counts are decoded together: enough to amortise the calls, few enough for the cache


@dataclass(frozen=True, slots=True)
class MaskJob:
    """One mask to measure, with all that it takes.

    `canvas` is the (height, width) of the index image where it is known. A positive pair has the mask of its label
    as `target`, and as `undefined` the reason why the published scripts give no number for it, if there is one;
    when both are None, the pair is not positive and the mask is only validated. `shapes` are the label's, and
    needed for polygons alone.
    """

    region: Region | None
    canvas: tuple[int, int] | None = None
    target: Mask | None = None
    shapes: tuple[Polygon, ...] = ()
    undefined: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one sound mask is worth on its pair.

    `official` is the reason in words where the published scripts give no number. `exact` says that it is the
    scripts' value to the last bit, which takes points. `found` is False when nothing was predicted to be there.
    """

    strict: PairIou = NOTHING_FOUND
    official: PairIou | str = NOTHING_FOUND
    exact: bool = True
    found: bool = False


EMPTY = Measurement()

Outcome = Measurement | ItemError


def measure(jobs: Sequence[MaskJob], limits: MaskLimits = DEFAULT_LIMITS) -> list[Outcome]:
    """Validate and measure masks; the measurement or the fault of each, in order."""
    outcomes: list[Outcome] = []
    for start in range(0, len(jobs), _BATCH):
        chunk = jobs[start : start + _BATCH]
        summaries = _summaries(chunk, limits)
        for job in chunk:
            try:
                outcomes.append(_measure_one(job, summaries, limits))
            except ItemError as fault:
                outcomes.append(fault)
    return outcomes


def _summaries(jobs: Sequence[MaskJob], limits: MaskLimits) -> Iterator[RunSummary | MaskError]:
    """Validate the compressed counts among the jobs, in their order."""
    regions = [job.region for job in jobs if isinstance(job.region, Rle)]
    return iter(summarize_counts([r.counts for r in regions], [(r.height, r.width) for r in regions], limits))


def _measure_one(job: MaskJob, summaries: Iterator[RunSummary | MaskError], limits: MaskLimits) -> Measurement:
    match job.region:
        case None:
            raise ItemError(Reason.INCOMPLETE, "mask", "no mask is set; to find nothing is said with no_mask")
        case Unreadable(detail):
            raise ItemError(Reason.UNREADABLE, "mask", detail)
        case NoMask():
            return EMPTY
        case Polygons(polygons):
            return _measure_polygons(job, checked_polygons(polygons, limits), limits)
        case Rle(height, width, counts):
            summary = next(summaries)
            if isinstance(summary, MaskError):
                raise summary
            return _measure_mask(job, Mask.trusted(height, width, counts, summary.area, summary.box), "mask.rle.size")
        case Runs(height, width, counts):
            return _measure_mask(job, Mask.from_runs(counts, height, width, limits), "mask.runs.size")
        case BoxRegion(x, y, width, height):
            # On an image of unknown size, which no label refers to, one pixel is enough to validate the box.
            mask = Mask.from_box((x, y, width, height), *(job.canvas or (1, 1)), limits)
            return _measure_mask(job, mask, "mask.box")


def _measure_mask(job: MaskJob, mask: Mask, field: str) -> Measurement:
    """Measure a mask on the true canvas; the official rules can then only be applied to that IoU."""
    if job.canvas is not None and (mask.height, mask.width) != job.canvas:
        height, width = job.canvas
        message = f"the mask is {mask.height} x {mask.width} and the image {height} x {width} (height x width)"
        raise ItemError(Reason.SIZE_MISMATCH, field, message)
    if mask.area == 0:
        return EMPTY
    strict = pair_iou(mask, job.target) if job.target is not None else NOTHING_FOUND
    return Measurement(strict, job.undefined or strict, exact=False, found=True)


def _measure_polygons(job: MaskJob, polygons: tuple[Polygon, ...], limits: MaskLimits) -> Measurement:
    polygons = tuple(polygon for polygon in polygons if len(polygon))
    if not polygons:
        return EMPTY
    if job.target is None:
        return Measurement(official=job.undefined or NOTHING_FOUND, exact=False, found=True)
    strict = pair_iou(Mask.from_polygons(polygons, job.target.height, job.target.width, limits), job.target)
    exact = len(polygons) == 1  # the authors' layout holds one polygon a pair
    return Measurement(strict, job.undefined or _official(polygons, job.shapes), exact, found=True)


def _official(polygons: tuple[Polygon, ...], shapes: tuple[Polygon, ...]) -> PairIou | str:
    from pixret.metrics._raster import OfficialUndefinedError, official_pair_iou

    try:
        return official_pair_iou(polygons, shapes)
    except OfficialUndefinedError as error:
        return str(error)
