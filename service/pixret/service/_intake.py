"""From a batch of the wire to a chunk of the log."""

import asyncio

from pixret.metrics import Accumulator, Ranking
from pixret.scoring import canonical_bytes, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._config import ServiceConfig
from pixret.service._errors import EnvelopeError
from pixret.service._log import Chunk
from pixret.service._wire import read_items

_INLINE_ITEMS, _INLINE_BYTES = 256, 2**19  # what is read on the event loop, in a few milliseconds


async def read_chunk(batch: pb.ItemBatch, accumulator: Accumulator, config: ServiceConfig) -> Chunk:
    """Read and resolve a batch, a large one in a thread; EnvelopeError when it has too many items."""
    count = len(batch.items)
    if count > config.max_batch_items:
        message = f"{count} items in one batch, and {config.max_batch_items} are the most; send smaller batches"
        raise EnvelopeError("batch.items", message)
    if count > _INLINE_ITEMS or batch.ByteSize() > _INLINE_BYTES:
        return await asyncio.to_thread(_read, batch, accumulator, keep_masks=config.keep_masks)
    return _read(batch, accumulator, keep_masks=config.keep_masks)


def _read(batch: pb.ItemBatch, accumulator: Accumulator, *, keep_masks: bool) -> Chunk:
    items = read_items(batch.items)
    cost = len(items) + sum(len(item.images) for item in items if isinstance(item, Ranking))
    messages = [canonical_bytes(message) for message in batch.items]
    digests = b"".join(map(item_digest, messages))
    size = sum(map(len, messages))
    return Chunk(batch.offset, accumulator.resolve(items), digests, cost, size, messages if keep_masks else ())
