"""What a server tells where the ground truth is hidden, so that it cannot be fished out item by item.

docs/hidden-ground-truth.md says what remains to be learnt. Whatever is told is listed here; nothing is told because
it was not thought of.
"""

from collections.abc import Sequence
from typing import Protocol

from pixret.metrics import (
    Accumulator,
    Bounds,
    ConventionMetrics,
    ItemError,
    MaskJob,
    Measurement,
    Outcome,
    ProtocolMetrics,
    Snapshot,
    TaskMetrics,
    report_bytes,
)

_WITHHELD = "withheld: the ground truth is hidden"
_NOTHING = TaskMetrics(None, None, None, _WITHHELD)
_MISSED = Measurement(exact=False, found=True)


class Measuring(Protocol):
    """What measures masks."""

    async def measure(self, jobs: Sequence[MaskJob]) -> list[Outcome]:
        """Measure jobs, in order."""


class BlindMeasurer:
    """Refuses masks for what they are alone, never for what the ground truth knows of their pair.

    A mask of the wrong size, say, is only known to be wrong on images that have a label, so that its refusal would
    tell which have one. Such a mask counts, and finds nothing.
    """

    def __init__(self, measurer: Measuring) -> None:
        self._measurer = measurer

    async def measure(self, jobs: Sequence[MaskJob]) -> list[Outcome]:
        """Measure jobs, in order."""
        outcomes = await self._measurer.measure(jobs)
        refused = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, ItemError)]
        verdicts = await self._measurer.measure([MaskJob(jobs[at].region) for at in refused])
        for at, verdict in zip(refused, verdicts, strict=True):
            outcomes[at] = verdict if isinstance(verdict, ItemError) else _MISSED
        return outcomes


def hidden_snapshot(snapshot: Snapshot, step: float) -> Snapshot:
    """The strict means of a snapshot, rounded to a step in percent points, and nothing else.

    Neither coverage nor what is exact, which count positives; not the single thresholds; and not the official numbers,
    which leave out queries without a hit, so that a submission to one query would show its AP undiluted. Nor what can
    still become of them: how far apart bounds are tells how many positives are left.
    """
    withheld = ConventionMetrics(_NOTHING, _NOTHING, None)
    protocols = {
        protocol: ProtocolMetrics(
            coverage=None,
            official=withheld,
            strict=_rounded(metrics.strict, step / 100),
            official_bounds=Bounds(withheld, withheld),
            strict_bounds=Bounds(withheld, withheld),
        )
        for protocol, metrics in snapshot.protocols.items()
    }
    return Snapshot(
        accepted=snapshot.accepted,
        rejected=snapshot.rejected,
        official_exact=False,
        protocols=protocols,
        chain_digest=snapshot.chain_digest,
    )


def hidden_report(accumulator: Accumulator, step: float) -> bytes:
    """The report of a submission with the numbers of `hidden_snapshot` alone."""
    return report_bytes(accumulator, hidden_snapshot(accumulator.snapshot(), step))


def _rounded(metrics: ConventionMetrics, step: float) -> ConventionMetrics:
    return ConventionMetrics(
        _rounded_task(metrics.detection, step),
        _rounded_task(metrics.segmentation, step),
        _round(metrics.ranking_map, step),
    )


def _rounded_task(metrics: TaskMetrics, step: float) -> TaskMetrics:
    return TaskMetrics(_round(metrics.miou, step), _round(metrics.map_50_95, step), None, metrics.undefined)


def _round(value: float | None, step: float) -> float | None:
    return None if value is None else round(round(value / step) * step, 9)
