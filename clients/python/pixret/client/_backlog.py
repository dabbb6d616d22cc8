"""What was read from a source and is not acknowledged yet, so that it can be sent again; without input and output."""

from collections import deque
from collections.abc import Iterable, Iterator

import grpc

from pixret.client._errors import ConflictError
from pixret.client._wire import encode_item
from pixret.metrics import Item
from pixret.scoring import CHAIN_START, DIGEST_SIZE, canonical_bytes, extend_chain, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb

BATCH_ITEMS = 256
"""Items in a message: 64 to 512 go fastest, and single ones a hundred times slower."""
BATCH_BYTES = 2**20
_MAX_ITEMS = 8192  # what waits for acknowledgement: more than a server has under way at once
_MAX_BYTES = 2**25


class Batcher:
    """Packs consecutive items into batches, by their number and their size."""

    def __init__(self, offset: int, max_items: int = BATCH_ITEMS) -> None:
        if max_items < 1:
            raise ValueError(f"batch_items must be at least 1, not {max_items}")
        self.offset = offset
        self._max_items = max_items
        self._pending: list[pb.Item] = []
        self._bytes = 0

    def add(self, item: Item) -> pb.ItemBatch | None:
        """Take an item; return a batch that is full by it or before it, if one is."""
        encoded = encode_item(item, self.offset + len(self._pending))
        size = encoded.ByteSize()
        full = self.rest() if self._bytes + size > BATCH_BYTES else None
        self._pending.append(encoded)
        self._bytes += size
        # At once, and not when the next item comes: that may be long. It cannot be full both before and now.
        return self.rest() if len(self._pending) >= self._max_items else full

    def rest(self) -> pb.ItemBatch | None:
        """Return what is pending, None when nothing is."""
        if not self._pending:
            return None
        batch = pb.ItemBatch(offset=self.offset, items=self._pending)
        self.offset += len(self._pending)
        self._pending, self._bytes = [], 0
        return batch

    def batches(self, items: Iterable[Item]) -> Iterator[pb.ItemBatch]:
        """Pack all items."""
        for item in items:
            if (full := self.add(item)) is not None:
                yield full
        if (last := self.rest()) is not None:
            yield last


class Backlog:
    """Batches in the order of offsets, numbered from 0; those that are acknowledged are dropped from the front.

    `chain` is the chain digest of all items that were put in. What a session held before is passed over: its items
    are only digested, and compared with the session's own digest.
    """

    def __init__(self) -> None:
        self.chain = CHAIN_START
        self.first = 0
        self._batches: deque[pb.ItemBatch] = deque()
        self._items = self._bytes = 0
        self._held, self._held_chain = 0, b""

    @property
    def end(self) -> int:
        """Number of the next batch."""
        return self.first + len(self._batches)

    @property
    def has_room(self) -> bool:
        """Whether another batch may be put in."""
        return self._items < _MAX_ITEMS and self._bytes < _MAX_BYTES

    def pass_over(self, offset: int, chain: bytes) -> None:
        """Take note of what the session holds before anything is sent; no `chain` is not compared."""
        self._held, self._held_chain = offset, chain

    def put(self, batch: pb.ItemBatch) -> None:
        """Add a batch; ConflictError when the session holds other items."""
        digests = b"".join(item_digest(canonical_bytes(item)) for item in batch.items)
        if batch.offset < self._held <= _end(batch):
            self._compare(extend_chain(self.chain, digests[: DIGEST_SIZE * (self._held - batch.offset)]))
        self.chain = extend_chain(self.chain, digests)
        if _end(batch) > self._held:
            self._batches.append(batch)
            self._items += len(batch.items)
            self._bytes += batch.ByteSize()

    def acknowledge(self, offset: int) -> None:
        """Drop the batches that end at or below an offset."""
        while self._batches and _end(self._batches[0]) <= offset:
            batch = self._batches.popleft()
            self.first += 1
            self._items -= len(batch.items)
            self._bytes -= batch.ByteSize()

    def get(self, number: int) -> pb.ItemBatch:
        """The batch of a number, `first` <= number < `end`."""
        return self._batches[number - self.first]

    def _compare(self, chain: bytes) -> None:
        if self._held_chain and chain != self._held_chain:
            message = (
                f"the session holds other items below offset {self._held}; send the same, or begin another session"
            )
            raise ConflictError(grpc.StatusCode.ALREADY_EXISTS, message)


def _end(batch: pb.ItemBatch) -> int:
    return batch.offset + len(batch.items)
