"""The client for ordinary, blocking programs."""

import uuid
from collections.abc import Iterator
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

import grpc

from pixret.client import _calls
from pixret.client._access import Tls, authorization
from pixret.client._backlog import BATCH_ITEMS, LINGER, Batcher
from pixret.client._conversation import CHANNEL_OPTIONS, Conversation
from pixret.client._errors import NotFoundError, client_error
from pixret.client._patience import RETRY_TIMEOUT, Patience
from pixret.client._records import Appended, BenchmarkInfo, Report, SessionInfo
from pixret.client._sources import Source, as_submission
from pixret.client._sync_stream import PredictionStream
from pixret.metrics import Rejection, Snapshot
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

T = TypeVar("T")


class Client:
    """Speaks to one scoring server. Use it in a ``with`` block, or `close` it.

    Every method raises a `ClientError` when the server refuses or cannot be reached. A server that has answered and is
    away for a while is tried again, with growing and random pauses; what was under way goes on.

    Args:
        address: ``HOST:PORT``.
        tls: without it the connection is plaintext.
        token: shown to the server with every call; in plaintext to this machine alone.
        timeout: seconds that one unary call may take. Streams take as long as they take.
        retry_timeout: seconds on end for which the server may be away; 0 to raise at once.
    """

    def __init__(
        self,
        address: str,
        *,
        tls: Tls | None = None,
        token: str | None = None,
        timeout: float = 60.0,
        retry_timeout: float = RETRY_TIMEOUT,
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._patience = Patience(retry_timeout)
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
        linger: float = LINGER,
    ) -> PredictionStream:
        """Send predictions; iterate over the result for the snapshots that come back.

        A session that holds items already is gone on with: as many items of `predictions` are passed over, once they
        are known to be the same. When the connection breaks, the stream goes on by itself.

        Args:
            session: its name.
            predictions: items, an Arrow table, a path to a submission, or a `Submission`.
            snapshot_interval: seconds between snapshots; None for the final one alone.
            batch_items: items in a message.
            linger: seconds after which a batch does not wait for further items to fill it. It goes out with the next
                item, so that snapshots come from a slow source, too; 0 sends every item at once.
        """
        conversation = Conversation(session, snapshot_interval, batch_items, linger)
        call = partial(self._stub.StreamPredictions, metadata=self._metadata)
        return PredictionStream(call, self._address, self._patience, conversation, as_submission(predictions))

    def append(
        self, session: str, predictions: Source, *, batch_items: int = BATCH_ITEMS, linger: float = LINGER
    ) -> Appended:
        """Send predictions by unary calls, where a stream is awkward; what the session holds is passed over, too."""
        batcher = Batcher(batch_items, linger)
        state = self.session(session)
        batcher.continuation.pass_over(state.committed_offset, state.chain_digest)
        rejections: list[Rejection] = []
        for batch in batcher.batches(as_submission(predictions)):
            refused = self._invoke(_calls.append_predictions(session, batch))
            rejections += refused
        return Appended(batcher.continuation.offset, batcher.continuation.chain, tuple(rejections))

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

    def finalize(self, session: str, *, received: int, chain_digest: bytes = b"") -> Report:
        """Close a session that has received so many items, of this digest if one is given; return its report."""
        return self._invoke(_calls.finalize_session(session, received, chain_digest))

    def score(self, benchmark: str, predictions: Source, *, distractors: int = 0, display_name: str = "") -> Report:
        """Score a whole submission: open a session, stream, finalize, and leave nothing behind."""
        submission = as_submission(predictions)
        session = self.create_session(
            benchmark, distractors=distractors or submission.distractors, display_name=display_name
        )
        stream = self.stream(session.name, submission)
        stream.run()
        report = self.finalize(session.name, received=stream.committed_offset, chain_digest=stream.chain_digest)
        self.delete_session(session.name)
        return report

    def close(self) -> None:
        """Close the connection."""
        self._patience.end()
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _invoke(self, call: _calls.Call[T]) -> T:
        retrying = self._patience.retrying()
        try:
            result: T = retrying(self._try, call)
        except NotFoundError:
            if call.forgets and retrying.statistics["attempt_number"] > 1:
                return call.decode(None)  # the first try did it, and its answer was lost
            raise
        return result

    def _try(self, call: _calls.Call[T]) -> T:
        try:
            response = getattr(self._stub, call.rpc)(call.request, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._patience.noted(client_error(error, self._address)) from None
        self._patience.was_reached = True
        return call.decode(response)
