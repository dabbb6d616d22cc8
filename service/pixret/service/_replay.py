"""Sessions scored again from what the journal has of them, to the last bit of any snapshot or report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pixret.metrics import Accumulator, Batch, GroundTruth, ResolvedPrediction, Snapshot, report_bytes
from pixret.scoring import CHAIN_START, DIGEST_SIZE, extend_chain
from pixret.service._catalog import find_truth
from pixret.service._errors import DamagedStateError, ScoringError, ServiceError
from pixret.service._hidden import hidden_report, hidden_snapshot
from pixret.service._journal import Entry, Journal, SessionState


class ReplayError(ServiceError):
    """A session that cannot be scored again."""


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A session as it was at an offset. `stored` is the report that it was finalized with, None before.

    With a `hidden_step` its numbers are those that a server tells where the ground truth is hidden.
    """

    state: SessionState
    accumulator: Accumulator
    chain: bytes
    stored: bytes | None
    hidden_step: float | None

    @property
    def is_final(self) -> bool:
        """Whether it covers all that the session was finalized with."""
        return self.stored is not None and self.accumulator.received == self.state.progress.committed

    def snapshot(self) -> Snapshot:
        """The snapshot at the offset."""
        snapshot = self.accumulator.snapshot()
        told = snapshot if self.hidden_step is None else hidden_snapshot(snapshot, self.hidden_step)
        return replace(told, chain_digest=self.chain)

    def report(self) -> bytes:
        """The report at the offset."""
        if self.hidden_step is None:
            return report_bytes(self.accumulator)
        return hidden_report(self.accumulator, self.hidden_step)


async def replay(
    journal: Journal,
    name: str,
    truths: Sequence[GroundTruth],
    *,
    offset: int | None = None,
    hidden_step: float | None = None,
) -> Replay:
    """Score the items of a session below an offset, by default all, from their outcomes in the journal.

    Raises:
        ReplayError: when there is no such session or offset, its ground truth is not among these, or what was
            written down does not give the digest that was.
    """
    try:
        return await _replay(journal, name, {truth.benchmark: truth for truth in truths}, offset, hidden_step)
    except ScoringError as error:
        raise ReplayError(str(error)) from None


async def _replay(
    journal: Journal, name: str, truths: dict[str, GroundTruth], offset: int | None, hidden_step: float | None
) -> Replay:
    state = await journal.find(name)
    end = state.progress.committed if offset is None else offset
    if not 0 <= end <= state.progress.committed:
        raise ReplayError(f"{name} has no offset {end}; it holds {state.progress.committed} items")
    spec = state.spec
    truth = find_truth(truths, spec.benchmark)
    if truth.digest != spec.truth_digest:
        raise ReplayError(f"{name} was scored with {spec.truth_digest}, and the tables hold {truth.digest}")
    accumulator, chain = Accumulator(truth, distractors=spec.distractors), CHAIN_START
    while accumulator.received < end:
        entries = await journal.read(name, accumulator.received)
        if not entries:
            raise DamagedStateError(f"the state of {name} is damaged: nothing is left at offset {accumulator.received}")
        for entry in (_below(each, end) for each in entries if each.offset < end):
            accumulator.commit(entry.batch, entry.outcomes)
            chain = extend_chain(chain, entry.digests)
    if end == state.progress.committed and chain != state.chain:
        raise DamagedStateError(f"the state of {name} is damaged: its items give another digest than was written down")
    return Replay(state, accumulator, chain, await journal.report(name), hidden_step)


def _below(entry: Entry, end: int) -> Entry:
    """The items of an entry below an offset."""
    count = min(len(entry.batch.items), end - entry.offset)
    resolved = entry.batch.resolved[:count]
    measured = sum(isinstance(each, ResolvedPrediction) for each in resolved)
    batch = Batch(entry.batch.items[:count], resolved, ())
    return Entry(entry.offset, batch, entry.outcomes[:measured], entry.digests[: DIGEST_SIZE * count])
