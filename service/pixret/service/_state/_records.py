"""Entries as bytes: of every item what it resolved to and how it came out, in MessagePack, and no mask."""

from collections.abc import Iterator

import msgspec
import numpy as np

from pixret.metrics import (
    Batch,
    ImageRef,
    Item,
    ItemError,
    Malformed,
    MaskJob,
    Measurement,
    Ordering,
    Outcome,
    PairIou,
    Prediction,
    Ranking,
    Reason,
    Resolved,
    ResolvedPrediction,
    ResolvedRanking,
)
from pixret.service._journal import Entry


class _Fault(msgspec.Struct, frozen=True, array_like=True, tag="fault"):
    reason: Reason
    field: str
    message: str


class _Measured(msgspec.Struct, frozen=True, array_like=True, tag="measured"):
    strict: PairIou
    official: PairIou | str
    exact: bool
    found: bool


class _Predicted(msgspec.Struct, frozen=True, array_like=True, tag="prediction"):
    query: ImageRef
    image: ImageRef
    query_index: int
    image_index: int
    slot: int | None
    ordering: Ordering | None
    key: float
    outcome: _Measured | _Fault


class _Ranked(msgspec.Struct, frozen=True, array_like=True, tag="ranking"):
    query: ImageRef
    query_index: int
    images: bytes  # int64, little-endian


class _Refused(msgspec.Struct, frozen=True, array_like=True, tag="refused"):
    query: ImageRef
    image: ImageRef | None
    is_ranking: bool
    fault: _Fault


_Record = _Predicted | _Ranked | _Refused
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Record])
_IMAGES = np.dtype("<i8")


def encode_outcomes(entry: Entry) -> bytes:
    """The items of an entry and their outcomes, as bytes."""
    outcomes = iter(entry.outcomes)
    pairs = zip(entry.batch.items, entry.batch.resolved, strict=True)
    return _encoder.encode([_record(item, resolved, outcomes) for item, resolved in pairs])


def decode_entry(offset: int, outcomes: bytes, digests: bytes) -> Entry:
    """An entry that can be committed again; msgspec.DecodeError when the bytes are none."""
    items: list[Item] = []
    resolved: list[Resolved] = []
    measured: list[Outcome] = []
    for record in _decoder.decode(outcomes):
        item, what = _restore(record)
        items.append(item)
        resolved.append(what)
        if isinstance(record, _Predicted):
            measured.append(_restore_outcome(record.outcome))
    return Entry(offset, Batch(items, resolved, ()), measured, digests)


def _record(item: Item, resolved: Resolved, outcomes: Iterator[Outcome]) -> _Record:
    match resolved:
        case ResolvedPrediction(query, image, slot, ordering, key) if isinstance(item, Prediction):
            return _Predicted(item.query, item.image, query, image, slot, ordering, key, _outcome(next(outcomes)))
        case ResolvedRanking(query, images):
            return _Ranked(item.query, query, images.astype(_IMAGES).tobytes())
        case ItemError() as fault:
            if isinstance(item, Ranking):
                return _Refused(item.query, None, is_ranking=True, fault=_fault(fault))
            return _Refused(item.query, item.image, is_ranking=False, fault=_fault(fault))
        case _:
            raise TypeError(f"{type(item).__name__} resolved to {type(resolved).__name__}")


def _outcome(outcome: Outcome) -> _Measured | _Fault:
    if isinstance(outcome, ItemError):
        return _fault(outcome)
    return _Measured(*outcome)


def _fault(fault: ItemError) -> _Fault:
    return _Fault(fault.reason, fault.field, fault.message)


def _restore(record: _Record) -> tuple[Item, Resolved]:
    match record:
        case _Predicted(query, image, query_index, image_index, slot, ordering, key):
            resolved = ResolvedPrediction(query_index, image_index, slot, ordering, key, _NO_JOB)
            return Prediction(query, image, None), resolved
        case _Ranked(query, query_index, images):
            indices = np.frombuffer(images, _IMAGES).astype(np.int64)
            return Ranking(query, indices), ResolvedRanking(query_index, indices)
        case _Refused(query, image, is_ranking, fault):
            error = ItemError(fault.reason, fault.field, fault.message)
            return Ranking(query, _NO_IMAGES) if is_ranking else Malformed(error, query, image), error


def _restore_outcome(outcome: _Measured | _Fault) -> Outcome:
    match outcome:
        case _Fault(reason, field, message):
            return ItemError(reason, field, message)
        case _Measured(strict, official, exact, found):
            return Measurement(strict, official, exact, found)


_NO_JOB = MaskJob(None)
_NO_IMAGES = np.zeros(0, np.int64)
