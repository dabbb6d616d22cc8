"""The client for ordinary, blocking programs."""

import threading
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

import grpc

from pixret.client import _calls
from pixret.client._access import Metadata, Tls, authorization
from pixret.client._conversation import BATCH_ITEMS, CHANNEL_OPTIONS, Batcher, Conversation
from pixret.client._errors import client_error
from pixret.client._records import BenchmarkInfo, Report, SessionInfo
from pixret.client._sources import Source, as_submission
from pixret.metrics import Item, Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

T = TypeVar("T")


class Client:
    """Speaks to one scoring server. Use it in a ``with`` block, or `close` it.

    Every method raises a `ClientError` when the server refuses or cannot be reached.

    Args:
        address: ``HOST:PORT``.
        tls: without it the connection is plaintext.
        token: shown to the server with every call; in plaintext to this machine alone.
        timeout: seconds that one unary call may take. Streams take as long as they take.
    """

    def __init__(
        self, address: str, *, tls: Tls | None = None, token: str | None = None, timeout: float = 60.0
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._metadata = authorization(address, token, tls)
        self._channel = (
            grpc.insecure_channel(address, CHANNEL_OPTIONS)
            if tls is None
            else grpc.secure_channel(address, tls.credentials(), CHANNEL_OPTIONS)
        )
        self._stub = ScoringServiceStub(self._channel)

    def benchmarks(self) -> list[BenchmarkInfo]:
        """All benchmarks of the server, without names."""
        return self._invoke(_calls.list_benchmarks())

    def benchmark(self, benchmark: str, *, names: bool = False) -> BenchmarkInfo:
        """One benchmark, with the names of its queries and index images if asked."""
        return self._invoke(_calls.get_benchmark(benchmark, names=names))

    def create_session(
        self, benchmark: str, *, distractors: int = 0, request_id: str | None = None, display_name: str = ""
    ) -> SessionInfo:
        """Open a session. The same `request_id` finds the same session again."""
        request_id = request_id or str(uuid.uuid4())
        return self._invoke(_calls.create_session(benchmark, distractors, request_id, display_name))

    def session(self, session: str) -> SessionInfo:
        """A session as it stands."""
        return self._invoke(_calls.get_session(session))

    def sessions(self) -> Iterator[SessionInfo]:
        """All sessions, oldest first."""
        token = ""
        while True:
            page, token = self._invoke(_calls.list_sessions(token))
            yield from page
            if not token:
                return

    def delete_session(self, session: str) -> None:
        """Forget a session."""
        self._invoke(_calls.delete_session(session))

    def stream(
        self,
        session: str,
        predictions: Source,
        *,
        snapshot_interval: float | None = None,
        batch_items: int = BATCH_ITEMS,
    ) -> "PredictionStream":
        """Send predictions; iterate over the result for the snapshots that come back.

        A session that holds items already is gone on with: as many items of `predictions` are passed over.

        Args:
            session: its name.
            predictions: items, an Arrow table, a path to a submission, or a `Submission`.
            snapshot_interval: seconds between snapshots; None for the final one alone.
            batch_items: items in a message.
        """
        conversation = Conversation(session, snapshot_interval, batch_items)
        return PredictionStream(self._stub, self._address, self._metadata, conversation, as_submission(predictions))

    def append(self, session: str, predictions: Source, *, batch_items: int = BATCH_ITEMS) -> list[Rejection]:
        """Send predictions by unary calls, where a stream is awkward; return the rejections among them.

        They go behind what the session holds: nothing is passed over, unlike in `stream`.
        """
        rejections: list[Rejection] = []
        for batch in Batcher(self.session(session).committed_offset, batch_items).batches(as_submission(predictions)):
            refused = self._invoke(_calls.append_predictions(session, batch))
            rejections.extend(refused)
        return rejections

    def snapshot(self, session: str) -> Snapshot:
        """The metrics of what a session has received."""
        return self._invoke(_calls.get_snapshot(session))

    def rejections(self, session: str) -> Iterator[Rejection]:
        """All refused items of a session, by offset."""
        token = ""
        while True:
            page, token = self._invoke(_calls.list_rejections(session, token))
            yield from page
            if not token:
                return

    def finalize(self, session: str, *, received: int) -> Report:
        """Close a session that has received so many items, and return its report."""
        return self._invoke(_calls.finalize_session(session, received))

    def score(self, benchmark: str, predictions: Source, *, distractors: int = 0, display_name: str = "") -> Report:
        """Score a whole submission: open a session, stream, finalize, and leave nothing behind."""
        submission = as_submission(predictions)
        session = self.create_session(
            benchmark, distractors=distractors or submission.distractors, display_name=display_name
        )
        stream = self.stream(session.name, submission)
        stream.run()
        report = self.finalize(session.name, received=stream.committed_offset)
        self.delete_session(session.name)
        return report

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _invoke(self, call: _calls.Call[T]) -> T:
        try:
            response = getattr(self._stub, call.rpc)(call.request, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise client_error(error, self._address) from None
        return call.decode(response)


class PredictionStream:
    """Predictions on their way: iterate for snapshots, of which the last covers everything, or `run` to the end.

    It runs once. Whatever ends it early, an error of the source's own included, leaves what is committed in the
    session, and another stream of the same predictions goes on from there.
    """

    def __init__(
        self,
        stub: ScoringServiceStub,
        address: str,
        metadata: Metadata,
        conversation: Conversation,
        items: Iterable[Item],
    ) -> None:
        self._stub = stub
        self._address = address
        self._metadata = metadata
        self._conversation = conversation
        self._items = items
        self._attached = threading.Event()
        self._ended = False
        self._source_error: BaseException | None = None

    @property
    def committed_offset(self) -> int:
        """Every item below is durable and has one outcome."""
        return self._conversation.committed_offset

    @property
    def rejections(self) -> list[Rejection]:
        """Items that were refused while this stream ran."""
        return self._conversation.rejections

    def run(self) -> Snapshot:
        """Send everything and return the last snapshot."""
        *_, last = self
        return last

    def __iter__(self) -> Iterator[Snapshot]:
        call = self._stub.StreamPredictions(self._requests(self._conversation.begin()), metadata=self._metadata)
        try:
            for response in call:
                snapshot = self._conversation.receive(response)
                self._attached.set()
                if snapshot is not None:
                    yield snapshot
        except grpc.RpcError as error:
            raise client_error(error, self._address) from None
        finally:
            # Whatever ended the stream, the thread that sends must not wait for it any longer.
            self._ended = True
            self._attached.set()
            call.cancel()
        if self._source_error is not None:
            raise self._source_error
        self._conversation.check_complete()

    def _requests(self, first: pb.StreamPredictionsRequest) -> Iterator[pb.StreamPredictionsRequest]:
        """Run by gRPC in a thread of its own, which flow control holds back when the server is slow."""
        yield first
        self._attached.wait()
        if self._ended:
            return
        try:
            for batch in self._conversation.batcher().batches(self._remaining()):
                yield pb.StreamPredictionsRequest(batch=batch)
            yield self._conversation.flush()
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - it is the caller's own, and raised in the caller's thread
            self._source_error = error

    def _remaining(self) -> Iterator[Item]:
        """Items that the session does not hold yet, until the stream has ended."""
        for item in islice(self._items, self._conversation.committed_offset, None):
            if self._ended:
                return
            yield item
