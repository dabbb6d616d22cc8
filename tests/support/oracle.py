"""A writer that trusts no server: it keeps every ack in a file of its own and holds each next server to it."""

import queue
import random
from contextlib import closing, contextmanager
from itertools import count

import grpc
from scenarios import FAULTS, RLE
from serving import IMAGES, QUERIES, small_truth

from pixret.client._wire import encode_item
from pixret.metrics import NO_MASK, Accumulator, Prediction, Ranking, report_bytes
from pixret.scoring import CHAIN_START, canonical_bytes, extend_chain, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service._wire import read_items

DISTRACTORS = 1_000_000
_WINDOW = 4  # batches that may be under way


def mixed_items(seed, size):
    """Judged pairs, a long tail of distractors, pairs that come again, and faults of every kind."""
    rng = random.Random(seed)
    faults = [item for item, _ in FAULTS.values() if not isinstance(item, Ranking)]
    further = count(len(IMAGES))
    kinds = (
        lambda: Prediction(rng.choice(QUERIES), rng.choice(IMAGES), RLE, score=rng.random()),
        lambda: Prediction(rng.randrange(3), next(further), NO_MASK, score=rng.random()),
        lambda: rng.choice(faults),
    )
    chosen = rng.choices(kinds, (2, 7, 1), k=size)
    return [encode_item(kind(), at) for at, kind in enumerate(chosen)]


def chain_of(items):
    return extend_chain(CHAIN_START, b"".join(item_digest(canonical_bytes(item)) for item in items))


def undisturbed(items):
    """The report of items that were scored in one piece."""
    accumulator = Accumulator(small_truth(), distractors=DISTRACTORS)
    accumulator.add(read_items(items))
    return report_bytes(accumulator)


class AckLog:
    """Every ack, in a file that no server touches."""

    def __init__(self, path):
        self._path = path
        path.touch()

    def note(self, offset):
        with self._path.open("a") as file:
            file.write(f"{offset}\n")

    def largest(self):
        return max(map(int, self._path.read_text().split()), default=0)


class Oracle:
    """Streams items to one session, server after server."""

    def __init__(self, items, path, seed=0):
        self.items = items
        self.acks = AckLog(path)
        self._rng = random.Random(seed)
        self.session = ""

    def create(self, address):
        with _stub(address) as stub:
            request = pb.CreateSessionRequest(
                benchmark="benchmarks/small", request_id="oracle", distractor_count=DISTRACTORS
            )
            session = stub.CreateSession(request, timeout=20).session
            assert self.session in ("", session.name), "the request_id found another session"
            self.session = session.name

    def stream(self, address, batches=10**9):
        """Send from where the server stands, until it dies or so many batches are acknowledged; how it stood."""
        with _stub(address) as stub, closing(_Conversation(stub, self.session)) as conversation:
            try:
                at = self._check(conversation.attach())
                for _ in range(batches):
                    if at == len(self.items):
                        break
                    size = self._rng.randint(1, 40)
                    at = conversation.send(at, self.items[at : at + size])
                    if conversation.under_way >= _WINDOW:
                        self.acks.note(conversation.ack())
                while conversation.acked < at:
                    self.acks.note(conversation.ack())
            except grpc.RpcError as error:
                assert error.code() is grpc.StatusCode.UNAVAILABLE, f"{error.code()}: {error.details()}"

    def _check(self, session):
        """What a server says that it has is all that was ever acknowledged, and nothing but what was sent."""
        committed = session.committed_offset
        assert committed >= self.acks.largest(), "an ack ran ahead of what was durable"
        assert session.accepted_count + session.rejected_count == committed
        assert session.chain_digest == chain_of(self.items[:committed]), "the session holds other items"
        return committed

    def resend(self, address, start, end):
        """Send items again that the server has; it still stands where it stood."""
        with _stub(address) as stub, closing(_Conversation(stub, self.session)) as conversation:
            before = self._check(conversation.attach())
            conversation.send(start, self.items[start:end])
            conversation.ack()
            found = stub.GetSession(pb.GetSessionRequest(name=self.session), timeout=20).session
            assert found.committed_offset == before, "items that were sent again were taken again"

    def finalize(self, address):
        """The report of everything, after the totals and digests of both sides were compared."""
        with _stub(address) as stub:
            request = pb.FinalizeSessionRequest(
                session=self.session, item_count=len(self.items), chain_digest=chain_of(self.items)
            )
            return stub.FinalizeSession(request, timeout=20).report_json


class _Conversation:
    """One stream, blocking: a word for every thing that the oracle does."""

    def __init__(self, stub, session):
        self._session = session
        self._requests = queue.SimpleQueue()
        self._responses = stub.StreamPredictions(iter(self._requests.get, None), timeout=60)
        self._ends = []
        self.acked = 0

    @property
    def under_way(self):
        return sum(end > self.acked for end in self._ends)

    def close(self):
        self._responses.cancel()
        self._requests.put(None)

    def attach(self):
        self._requests.put(pb.StreamPredictionsRequest(attach=pb.Attach(session=self._session)))
        session = next(self._responses).attached.session
        self.acked = session.committed_offset
        return session

    def send(self, offset, items):
        self._requests.put(pb.StreamPredictionsRequest(batch=pb.ItemBatch(offset=offset, items=items)))
        self._ends.append(offset + len(items))
        return self._ends[-1]

    def ack(self):
        """The next ack; rejections are passed over."""
        while not (message := next(self._responses)).HasField("ack"):
            pass
        self.acked = message.ack.committed_offset
        return self.acked


@contextmanager
def _stub(address):
    with grpc.insecure_channel(address) as channel:
        yield ScoringServiceStub(channel)
