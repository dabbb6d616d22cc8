"""The client's half of a prediction stream, without input and output: what to send next, and what was heard."""

import grpc

from pixret.client._backlog import Backlog, Batcher
from pixret.client._errors import ClientError, ServerUnavailableError
from pixret.client._wire import decode_rejection, decode_snapshot
from pixret.metrics import Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb

CHANNEL_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", -1),  # a report is as long as it is
    ("grpc.max_send_message_length", -1),  # the limits are the server's, whose errors name them
    ("grpc.keepalive_time_ms", 12_000),  # servers of ours allow a ping every 10 s
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.min_reconnect_backoff_ms", 10_000),  # not a pause, but how long an attempt to connect may take
    ("grpc.initial_reconnect_backoff_ms", 50),  # ours is the backoff; gRPC's own would hold it up
    ("grpc.max_reconnect_backoff_ms", 1_000),
]
_END = "end"


class Conversation:
    """State of one prediction stream, through all calls that it takes when connections break.

    `committed_offset` and `rejections` follow what the server has acknowledged, and `attachments` counts the calls that
    attached. `is_complete` turns true when the server has acknowledged everything. What is not acknowledged is in
    `backlog`, and every further call sends that again, though the server may have it: it tells then which items it
    refused.
    """

    def __init__(self, session: str, snapshot_interval: float | None, batch_items: int, linger: float) -> None:
        # Built here, so that a wrong argument is the caller's at once, and not that of the thread that sends.
        self.first = _attach(session, snapshot_interval)
        self.batcher = Batcher(batch_items, linger)
        self.backlog = Backlog()
        self.committed_offset = 0
        self.rejections: list[Rejection] = []
        self.attachments = 0
        self.is_complete = False
        self._has_begun = False
        self._heard = 0  # rejections below this offset were told

    def begin(self) -> None:
        """Note that it runs; RuntimeError when it did before."""
        if self._has_begun:
            raise RuntimeError("a stream of predictions runs once; make another, which goes on where this one ended")
        self._has_begun = True

    def flush(self) -> pb.StreamPredictionsRequest:
        """The last message: its answer covers everything."""
        return pb.StreamPredictionsRequest(flush=pb.Flush(tag=_END))

    def check_complete(self) -> None:
        """Raise ServerUnavailableError when a call ended before the server acknowledged everything."""
        if not self.is_complete:
            message = f"the stream ended at offset {self.committed_offset}; send the same predictions again to go on"
            raise ServerUnavailableError(grpc.StatusCode.UNAVAILABLE, message)

    def receive(self, response: pb.StreamPredictionsResponse) -> Snapshot | None:
        """Take note of a message; return the snapshot if it is one."""
        match response.WhichOneof("message"):
            case "attached":
                self._attached(response.attached.session)
            case "ack":
                self._acknowledge(response.ack.committed_offset)
            case "rejections":
                self._reject([*map(decode_rejection, response.rejections.rejections)])
            case "snapshot":
                self.is_complete = self.is_complete or response.snapshot.flush_tag == _END
                return decode_snapshot(response.snapshot)
        return None

    def _attached(self, session: pb.Session) -> None:
        self.attachments += 1
        if self.attachments == 1:
            self.batcher.continuation.pass_over(session.committed_offset, session.chain_digest)
            self._acknowledge(session.committed_offset)
        elif session.committed_offset < self.committed_offset:
            message = (
                f"the server acknowledged {self.committed_offset} items and came back with {session.committed_offset}; "
                "create another session and send everything again"
            )
            raise ClientError(grpc.StatusCode.DATA_LOSS, message)

    def _acknowledge(self, offset: int) -> None:
        self.committed_offset = max(self.committed_offset, offset)
        self.backlog.acknowledge(self.committed_offset)

    def _reject(self, rejections: list[Rejection]) -> None:
        """Take note of rejections, which come again when their batch is sent again."""
        self.rejections += [rejection for rejection in rejections if rejection.offset >= self._heard]
        self._heard = max(self._heard, rejections[-1].offset + 1)


def _attach(session: str, snapshot_interval: float | None) -> pb.StreamPredictionsRequest:
    message = pb.Attach(session=session)
    if snapshot_interval is not None:
        message.snapshot_interval.FromNanoseconds(round(snapshot_interval * 1e9))
    return pb.StreamPredictionsRequest(attach=message)
