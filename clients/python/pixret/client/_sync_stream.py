"""A stream of predictions for ordinary, blocking programs."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc

from pixret.client._conversation import Conversation
from pixret.client._errors import ServerUnavailableError, client_error
from pixret.client._patience import Patience
from pixret.metrics import Item, Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb


class PredictionStream:
    """Predictions on their way: iterate for snapshots, of which the last covers everything, or `run` to the end.

    It runs once, and goes on by itself when the connection breaks or the server restarts. Whatever ends it early, an
    error of the source's own included, leaves what is committed in the session, and another stream of the same
    predictions goes on from there.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        address: str,
        patience: Patience,
        conversation: Conversation,
        items: Iterable[Item],
    ) -> None:
        self._open = call
        self._address = address
        self._patience = patience
        self._conversation = conversation
        self._items = items
        self._changed = threading.Condition()  # guards the conversation and all below
        self._call = self._attached_call = 0  # numbers of the call that is under way, and of the newest that attached
        self._is_exhausted = self._is_ended = False
        self._source_error: BaseException | None = None

    @property
    def committed_offset(self) -> int:
        """Every item below is durable and has one outcome."""
        return self._conversation.committed_offset

    @property
    def chain_digest(self) -> bytes:
        """Digest of the predictions so far, which `Client.finalize` compares with the server's."""
        return self._conversation.batcher.continuation.chain

    @property
    def rejections(self) -> list[Rejection]:
        """Items that were refused while this stream ran."""
        return self._conversation.rejections

    def run(self) -> Snapshot:
        """Send everything and return the last snapshot."""
        *_, last = self
        return last

    def __iter__(self) -> Iterator[Snapshot]:
        self._conversation.begin()
        try:
            while not self._conversation.is_complete and self._source_error is None:
                for attempt in self._patience.retrying():
                    with attempt:
                        yield from self._converse()
        finally:
            with self._changed:
                self._is_ended = True
                self._changed.notify_all()
        if self._source_error is not None:
            raise self._source_error

    def _converse(self) -> Iterator[Snapshot]:
        """One call to its end; one that broke after it got on is no failed try, so that patience begins anew.

        So it does when a call broke that had nothing to get on with, since its source takes its time.
        """
        began_at, attachments = self._conversation.committed_offset, self._conversation.attachments
        try:
            yield from self._listen()
            if self._source_error is None:
                self._conversation.check_complete()
        except ServerUnavailableError as error:
            if self._source_error is not None:
                return  # there is nothing more to send, and the caller is to know why
            if self._conversation.attachments > attachments and self._is_idle:
                self._patience.renew()
            if self._conversation.committed_offset == began_at or not self._patience.is_transient(error):
                raise

    @property
    def _is_idle(self) -> bool:
        return self._conversation.backlog.is_empty and not self._is_exhausted

    def _listen(self) -> Iterator[Snapshot]:
        with self._changed:
            self._call += 1
        call = self._open(self._requests(self._call))
        try:
            for response in call:
                snapshot = self._hear(response)
                if snapshot is not None:
                    yield snapshot
        except grpc.RpcError as error:
            raise client_error(error, self._address) from None
        finally:
            # Whatever ended the call, the thread that sends must not wait for it any longer.
            with self._changed:
                self._call += 1
                self._changed.notify_all()
            call.cancel()

    def _hear(self, response: pb.StreamPredictionsResponse) -> Snapshot | None:
        with self._changed:
            attachments = self._conversation.attachments
            snapshot = self._conversation.receive(response)
            self._patience.was_reached = True
            if response.HasField("attached"):
                self._attached_call = self._call
            self._changed.notify_all()
        if attachments == 0 < self._conversation.attachments:
            threading.Thread(target=self._read, name="pixret-source", daemon=True).start()
        return snapshot

    def _read(self) -> None:
        """Read the source into the backlog, in a thread of its own, which a full backlog holds back."""
        try:
            for batch in self._conversation.batcher.batches(self._until_ended()):
                with self._changed:
                    self._changed.wait_for(lambda: self._conversation.backlog.has_room or self._is_ended)
                    self._conversation.backlog.put(batch)
                    self._changed.notify_all()
        except BaseException as error:  # noqa: BLE001 - it is the caller's own, and raised in the caller's thread
            self._source_error = error
        finally:
            with self._changed:
                self._is_exhausted = True
                self._changed.notify_all()

    def _until_ended(self) -> Iterator[Item]:
        for item in self._items:
            if self._is_ended:
                return
            yield item

    def _requests(self, call: int) -> Iterator[pb.StreamPredictionsRequest]:
        """What one call sends: run by gRPC in a thread of its own, which flow control holds back."""
        yield self._conversation.first
        with self._changed:
            self._changed.wait_for(lambda: self._attached_call == call or self._call != call)
        number = self._conversation.backlog.first
        while (batch := self._wait_for(number, call)) is not None:
            yield pb.StreamPredictionsRequest(batch=batch)
            number += 1
        if self._call == call and self._source_error is None:
            yield self._conversation.flush()

    def _wait_for(self, number: int, call: int) -> pb.ItemBatch | None:
        """The batch of a number when it is there; None when there is none any more, or the call has ended."""
        backlog = self._conversation.backlog
        with self._changed:
            self._changed.wait_for(lambda: number < backlog.end or self._is_exhausted or self._call != call)
            return backlog.get(number) if self._call == call and number < backlog.end else None
