"""The client's half of a prediction stream, without input and output: what to send next, and what was heard."""

from collections.abc import Iterable, Iterator

import grpc

from pixret.client._errors import ServerUnavailableError
from pixret.client._wire import decode_rejection, decode_snapshot, encode_item
from pixret.metrics import Item, Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb

CHANNEL_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", -1),  # a report is as long as it is
    ("grpc.max_send_message_length", -1),  # the limits are the server's, whose errors name them
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
]
BATCH_ITEMS = 256
"""Items in a message: 64 to 512 go fastest, and single ones a hundred times slower."""
BATCH_BYTES = 2**20
_END = "end"


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


class Conversation:
    """State of one prediction stream.

    `committed_offset` and `rejections` follow what the server has acknowledged. `is_complete` turns true
    when the server has acknowledged everything.
    """

    def __init__(self, session: str, snapshot_interval: float | None, batch_items: int) -> None:
        # Built here, so that a wrong argument is the caller's at once, and not that of the thread that sends.
        self._first = _attach(session, snapshot_interval)
        self.committed_offset = 0
        self.rejections: list[Rejection] = []
        self.is_complete = False
        self._batch_items = batch_items
        self._has_begun = False

    def begin(self) -> pb.StreamPredictionsRequest:
        """The first message; RuntimeError when it was given before."""
        if self._has_begun:
            raise RuntimeError("a stream of predictions runs once; make another, which goes on where this one ended")
        self._has_begun = True
        return self._first

    def batcher(self) -> Batcher:
        """What packs the items, from where the server stands; known once it has answered the first message."""
        return Batcher(self.committed_offset, self._batch_items)

    def flush(self) -> pb.StreamPredictionsRequest:
        """The last message: its answer covers everything."""
        return pb.StreamPredictionsRequest(flush=pb.Flush(tag=_END))

    def check_complete(self) -> None:
        """Raise ServerUnavailableError when the stream ended before the server acknowledged everything."""
        if not self.is_complete:
            message = f"the stream ended at offset {self.committed_offset}; send the same predictions again to go on"
            raise ServerUnavailableError(grpc.StatusCode.UNAVAILABLE, message)

    def receive(self, response: pb.StreamPredictionsResponse) -> Snapshot | None:
        """Take note of a message; return the snapshot if it is one."""
        match response.WhichOneof("message"):
            case "attached":
                self.committed_offset = response.attached.session.committed_offset
            case "ack":
                self.committed_offset = response.ack.committed_offset
            case "rejections":
                self.rejections.extend(map(decode_rejection, response.rejections.rejections))
            case "snapshot":
                self.is_complete = response.snapshot.flush_tag == _END
                return decode_snapshot(response.snapshot)
        return None


def _attach(session: str, snapshot_interval: float | None) -> pb.StreamPredictionsRequest:
    message = pb.Attach(session=session)
    if snapshot_interval is not None:
        message.snapshot_interval.FromNanoseconds(round(snapshot_interval * 1e9))
    return pb.StreamPredictionsRequest(attach=message)
