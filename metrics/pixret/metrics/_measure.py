"""Masks in, IoUs out: the costly part of scoring, pure, so that it can run in any process."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pixret.metrics._errors import ItemError, MaskError, Reason
from pixret.metrics._iou import NOTHING_FOUND, PairIou, pair_ious
from pixret.metrics._items import BoxRegion, NoMask, Polygons, Region, Rle, Runs, Unreadable, shown
from pixret.metrics._mask import Mask
from pixret.metrics._polygons import Polygon, checked_polygons
from pixret.metrics._rle import DEFAULT_LIMITS, MaskLimits, RunSummary, summarize_counts

_BATCH = 64  # masks whose counts are decoded together: enough to amortise the calls, few enough for the cache


class MaskJob(NamedTuple):
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


class Measurement(NamedTuple):
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


class _Sighting(NamedTuple):
    """Where a prediction sees the object: on the true canvas if that is known, and as points if it came so."""

    mask: Mask | None
    polygons: tuple[Polygon, ...] = ()


def measure(jobs: Sequence[MaskJob], limits: MaskLimits = DEFAULT_LIMITS) -> list[Outcome]:
    """Validate and measure masks; the measurement or the fault of each, in order."""
    outcomes: list[Outcome] = []
    for start in range(0, len(jobs), _BATCH):
        outcomes += _measure_batch(jobs[start : start + _BATCH], limits)
    return outcomes


def _measure_batch(jobs: Sequence[MaskJob], limits: MaskLimits) -> list[Outcome]:
    regions = [job.region for job in jobs if isinstance(job.region, Rle)]
    summaries = iter(summarize_counts([r.counts for r in regions], [(r.height, r.width) for r in regions], limits))
    sightings = [_sight(job, summaries, limits) for job in jobs]
    pairs = [
        (sighting.mask, job.target)
        for job, sighting in zip(jobs, sightings, strict=True)
        if isinstance(sighting, _Sighting) and sighting.mask is not None and job.target is not None
    ]
    ious = iter(pair_ious(pairs))
    return [_outcome(job, sighting, ious) for job, sighting in zip(jobs, sightings, strict=True)]


def _sight(
    job: MaskJob, summaries: Iterator[RunSummary | MaskError], limits: MaskLimits
) -> _Sighting | ItemError | None:
    """Read the region of a job; None when it deliberately holds nothing."""
    try:
        match job.region:
            case Rle():
                return _sight_rle(job, job.region, next(summaries))
            case NoMask():
                return None
            case Polygons(polygons):
                return _sight_polygons(job, checked_polygons(polygons, limits), limits)
            case Runs(height, width, counts):
                return _checked(job, Mask.from_runs(counts, height, width, limits), "mask.runs.size")
            case BoxRegion(x, y, width, height):
                # On an image of unknown size, which no label refers to, one pixel is enough to validate the box.
                mask = Mask.from_box((x, y, width, height), *(job.canvas or (1, 1)), limits)
                if job.canvas is None and job.target is None:
                    return _Sighting(None) if width > 0 and height > 0 else None
                return _checked(job, mask, "mask.box")
            case Unreadable(detail):
                return ItemError(Reason.UNREADABLE, "mask", str(shown(detail)))
            case None:
                message = "no mask is set; to find nothing is said with no_mask"
                return ItemError(Reason.INCOMPLETE, "mask", message)
            case other:
                message = f"{type(other).__name__} is no region; give Rle, Runs, Polygons, BoxRegion or NO_MASK"
                return ItemError(Reason.UNREADABLE, "mask", message)
    except ItemError as fault:
        return fault


def _sight_rle(job: MaskJob, region: Rle, summary: RunSummary | MaskError) -> _Sighting | ItemError | None:
    if isinstance(summary, MaskError):
        return summary
    mask = Mask.trusted(region.height, region.width, region.counts, summary.area, summary.box)
    return _checked(job, mask, "mask.rle.size")


def _checked(job: MaskJob, mask: Mask, field: str) -> _Sighting | ItemError | None:
    if job.canvas is not None and (mask.height, mask.width) != job.canvas:
        height, width = job.canvas
        message = f"the mask is {mask.height} x {mask.width} and the image {height} x {width} (height x width)"
        return ItemError(Reason.SIZE_MISMATCH, field, message)
    return _Sighting(mask) if mask.area else None


def _sight_polygons(job: MaskJob, polygons: tuple[Polygon, ...], limits: MaskLimits) -> _Sighting | None:
    polygons = tuple(polygon for polygon in polygons if len(polygon))
    if not polygons:
        return None
    if job.target is None:
        return _Sighting(None, polygons)
    return _Sighting(Mask.from_polygons(polygons, job.target.height, job.target.width, limits), polygons)


def _outcome(job: MaskJob, sighting: _Sighting | ItemError | None, ious: Iterator[PairIou]) -> Outcome:
    if isinstance(sighting, ItemError):
        return sighting
    if sighting is None:
        return EMPTY
    if job.target is None:
        return Measurement(official=job.undefined or NOTHING_FOUND, exact=False, found=True)
    strict = next(ious)
    if not sighting.polygons:  # the official rules can then only be applied to the IoU on the true canvas
        return Measurement(strict, job.undefined or strict, exact=False, found=True)
    exact = len(sighting.polygons) == 1  # the authors' layout holds one polygon a pair
    return Measurement(strict, job.undefined or _official(sighting.polygons, job.shapes), exact, found=True)


def _official(polygons: tuple[Polygon, ...], shapes: tuple[Polygon, ...]) -> PairIou | str:
    from pixret.metrics._raster import OfficialUndefinedError, official_pair_iou

    try:
        return official_pair_iou(polygons, shapes)
    except OfficialUndefinedError as error:
        return str(error)
