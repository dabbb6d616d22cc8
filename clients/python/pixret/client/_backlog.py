"""What was read from a source and is not acknowledged yet, so that it can be sent again; without input and output."""

import time
from collections import deque
from collections.abc import Iterable, Iterator

import grpc

from pixret.client._errors import ConflictError
from pixret.client._wire import encode_item
from pixret.metrics import Item
from pixret.scoring import CHAIN_START, canonical_bytes, extend_chain, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb

BATCH_ITEMS = 256
"""Items in a message: 64 to 512 go fastest, and single ones a hundred times slower."""
BATCH_BYTES = 2**20
LINGER = 0.5
"""Seconds after which a batch does not wait for further items to fill it."""
_MAX_ITEMS = 8192  # what waits for acknowledgement: more than a server has under way at once
_MAX_BYTES = 2**25


class Continuation:
    """Items in their order, as the continuation of what a session holds.

    `chain` is the chain digest of all items so far. Those that the session held before are to be passed over: they
    are only digested, and the digest is compared with the session's own.
    """

    def __init__(self) -> None:
        self.chain = CHAIN_START
        self.offset = 0
        self._held, self._held_chain = 0, b""

    def pass_over(self, offset: int, chain: bytes) -> None:
        """Take note of what the session holds before there are items; no `chain` is not compared."""
        self._held, self._held_chain = offset, chain

    def holds(self, item: pb.Item) -> bool:
        """Take the next item; return whether the session holds it already. ConflictError when it holds others."""
        self.chain = extend_chain(self.chain, item_digest(canonical_bytes(item)))
        self.offset += 1
        if self.offset == self._held and self._held_chain not in (b"", self.chain):
            raise self._conflict()
        return self.offset <= self._held

    def end(self) -> None:
        """Take note that there are no further items; ConflictError when the session holds more."""
        if self.offset < self._held:
            raise self._conflict()

    def _conflict(self) -> ConflictError:
        message = f"the session holds other items below offset {self._held}; send the same, or begin another session"
        return ConflictError(grpc.StatusCode.ALREADY_EXISTS, message)


class Batcher:
    """Packs consecutive items into batches, by their number and size, and by how long the first has waited.

    There is no timer: a batch that has waited goes out with the next item, or with the end. What the session holds
    already, as `continuation` knows, is left out.
    """

    def __init__(self, max_items: int = BATCH_ITEMS, linger: float = LINGER) -> None:
        if max_items < 1:
            raise ValueError(f"batch_items must be at least 1, not {max_items}")
        if not linger >= 0:
            raise ValueError(f"linger must not be negative, but is {linger}")
        self.continuation = Continuation()
        self._max_items = max_items
        self._linger = linger
        self._pending: list[pb.Item] = []
        self._bytes = 0
        self._due = 0.0

    def add(self, item: Item) -> pb.ItemBatch | None:
        """Take an item; return a batch that is to go with it or before it, if one is."""
        encoded = encode_item(item, self.continuation.offset)
        size, now = encoded.ByteSize(), time.monotonic()
        full = self._pack() if self._bytes + size > BATCH_BYTES else None
        if self.continuation.holds(encoded):
            return None
        if not self._pending:
            self._due = now + self._linger
        self._pending.append(encoded)
        self._bytes += size
        # At once, and not when the next item comes: that may be long. It cannot be full both before and now.
        return self._pack() if len(self._pending) >= self._max_items or now >= self._due else full

    def rest(self) -> pb.ItemBatch | None:
        """Return what is pending when there are no further items, None when nothing is."""
        self.continuation.end()
        return self._pack()

    def batches(self, items: Iterable[Item]) -> Iterator[pb.ItemBatch]:
        """Pack all items."""
        for item in items:
            if (full := self.add(item)) is not None:
                yield full
        if (last := self.rest()) is not None:
            yield last

    def _pack(self) -> pb.ItemBatch | None:
        if not self._pending:
            return None
        batch = pb.ItemBatch(offset=self.continuation.offset - len(self._pending), items=self._pending)
        self._pending, self._bytes = [], 0
        return batch


class Backlog:
    """Batches in the order of offsets, numbered from 0; those that are acknowledged are dropped from the front."""

    def __init__(self) -> None:
        self.first = 0
        self._batches: deque[pb.ItemBatch] = deque()
        self._items = self._bytes = 0

    @property
    def end(self) -> int:
        """Number of the next batch."""
        return self.first + len(self._batches)

    @property
    def is_empty(self) -> bool:
        """Whether everything that was put in is acknowledged."""
        return not self._batches

    @property
    def has_room(self) -> bool:
        """Whether another batch may be put in."""
        return self._items < _MAX_ITEMS and self._bytes < _MAX_BYTES

    def put(self, batch: pb.ItemBatch) -> None:
        """Add a batch."""
        self._batches.append(batch)
        self._items += len(batch.items)
        self._bytes += batch.ByteSize()

    def acknowledge(self, offset: int) -> None:
        """Drop the batches that end at or below an offset."""
        while self._batches and self._batches[0].offset + len(self._batches[0].items) <= offset:
            batch = self._batches.popleft()
            self.first += 1
            self._items -= len(batch.items)
            self._bytes -= batch.ByteSize()

    def get(self, number: int) -> pb.ItemBatch:
        """The batch of a number, `first` <= number < `end`."""
        return self._batches[number - self.first]
