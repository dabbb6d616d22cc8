"""Every method of both clients: what it answers, and the type of what it raises."""

import inspect
import time
from collections import Counter

import grpc
import numpy as np
import pyarrow as pa
import pytest
from answering import answering
from scenarios import RLE
from serving import IMAGES, QUERIES, running_server, small_truth

import pixret.client
from pixret.client import (
    AsyncClient,
    Client,
    ClientError,
    ConflictError,
    InvalidRequestError,
    LimitExceededError,
    NotFoundError,
    ServerUnavailableError,
)
from pixret.client._errors import client_error
from pixret.metrics import (
    NO_MASK,
    Accumulator,
    Prediction,
    Ranking,
    Reason,
    Rle,
    report_bytes,
)
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceServicer
from pixret.submissions import SubmissionError, read_arrow

ITEMS = [Prediction(0, image, RLE, score=0.5) for image in range(9)]


def test_benchmarks(client, truth):
    assert [each.name for each in client.benchmarks()] == ["another", "small"]
    small = client.benchmark("small")
    assert (small.query_count, small.index_size, small.digest) == (len(QUERIES), len(IMAGES), truth.digest)
    assert (small.query_ids, small.image_ids) == ((), ())
    full = client.benchmark("small", names=True)
    assert (full.query_ids, full.image_ids) == (QUERIES, IMAGES)
    assert full.max_batch_items >= 256


def test_the_life_of_a_session(client):
    session = client.create_session("small", distractors=3, request_id="life", display_name="крестины")
    assert client.create_session("small", distractors=3, request_id="life", display_name="крестины") == session
    assert (session.benchmark, session.distractors, session.display_name) == ("small", 3, "крестины")
    assert (session.finalized, session.committed_offset, session.accepted, session.rejected) == (False, 0, 0, 0)
    client.append(session.name, [ITEMS[0], Prediction("nobody", 0, RLE)])
    grown = client.session(session.name)
    assert (grown.committed_offset, grown.accepted, grown.rejected) == (2, 1, 1)
    assert session.name in [each.name for each in client.sessions()]
    client.finalize(session.name, received=2)
    assert client.session(session.name).finalized
    client.delete_session(session.name)
    assert session.name not in [each.name for each in client.sessions()]


async def test_the_life_of_a_session_with_asyncio(async_client):
    assert [each.name for each in await async_client.benchmarks()] == ["another", "small"]
    assert (await async_client.benchmark("small", names=True)).query_ids == QUERIES
    session = await async_client.create_session("small", request_id="life with asyncio")
    assert await async_client.session(session.name) == session
    await async_client.append(session.name, ITEMS)
    assert (await async_client.snapshot(session.name)).received == len(ITEMS)
    assert session.name in [each.name async for each in async_client.sessions()]
    await async_client.delete_session(session.name)
    assert session.name not in [each.name async for each in async_client.sessions()]


def test_lists_are_complete_beyond_a_page(client):
    session = client.create_session("small")
    client.append(session.name, [Prediction(f"nobody {i}", 0, NO_MASK) for i in range(2500)])
    rejections = [*client.rejections(session.name)]
    assert [(each.offset, each.query, each.reason) for each in rejections] == [
        (i, f"nobody {i}", Reason.UNKNOWN_QUERY) for i in range(2500)
    ]
    made = [client.create_session("another").name for _ in range(120)]
    assert [each.name for each in client.sessions()][-120:] == made


async def test_append_goes_on_with_what_is_there(client, async_client):
    session = client.create_session("small").name
    client.append(session, ITEMS[:4])
    assert client.append(session, [*ITEMS, ITEMS[0]]).rejections[0].reason is Reason.DUPLICATE
    assert await async_client.append(session, [*ITEMS, ITEMS[0]]) == client.append(session, [*ITEMS, ITEMS[0]])
    assert client.session(session).accepted == len(ITEMS)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda client: client.benchmark("cats"), NotFoundError, "no benchmark 'cats' on this server, which has: anot"),
        (lambda client: client.create_session("cats"), NotFoundError, "no benchmark 'cats'"),
        (lambda client: client.score("cats", ITEMS), NotFoundError, "no benchmark 'cats'"),
        (lambda client: client.session("sessions/no"), NotFoundError, "no session 'sessions/no'"),
        (lambda client: client.delete_session("sessions/no"), NotFoundError, "no session 'sessions/no'"),
        (lambda client: client.snapshot("sessions/no"), NotFoundError, "no session 'sessions/no'"),
        (lambda client: [*client.rejections("sessions/no")], NotFoundError, "no session 'sessions/no'"),
        (lambda client: client.finalize("sessions/no", received=0), NotFoundError, "no session 'sessions/no'"),
        (lambda client: client.append("sessions/no", ITEMS), NotFoundError, "no session 'sessions/no'"),
        (lambda client: client.stream("sessions/no", ITEMS).run(), NotFoundError, "no session 'sessions/no'"),
        (lambda client: client.session("no"), InvalidRequestError, "sessions/"),
        (lambda client: client.create_session("small", distractors=10**9), ClientError, "distractor"),
        (lambda client: client.stream("sessions/no", ITEMS, snapshot_interval=-1).run(), InvalidRequestError, "interv"),
    ],
)
def test_what_the_server_refuses_is_typed(client, call, kind, message):
    with pytest.raises(kind, match=message) as caught:
        call(client)
    assert caught.value.detail in str(caught.value)
    assert isinstance(caught.value.code, grpc.StatusCode)


def test_other_totals_are_a_conflict_and_change_nothing(client):
    session = client.create_session("small")
    client.append(session.name, ITEMS)
    for wrong in (0, len(ITEMS) - 1, len(ITEMS) + 1):
        with pytest.raises(ConflictError, match=f"item_count is {wrong}, and the server has {len(ITEMS)}"):
            client.finalize(session.name, received=wrong)
    report = client.finalize(session.name, received=len(ITEMS))
    assert report.data["predictions"] == {"received": len(ITEMS), "accepted": len(ITEMS), "rejected": 0}
    assert client.finalize(session.name, received=len(ITEMS)) == report
    with pytest.raises(ConflictError, match="is finalized and takes no more items"):
        client.append(session.name, ITEMS * 2)
    with pytest.raises(ConflictError, match="is finalized and takes no more items"):
        client.stream(session.name, ITEMS).run()


def test_the_same_request_for_something_else_is_a_conflict(client):
    client.create_session("small", request_id="twice")
    with pytest.raises(ConflictError, match="request_id 'twice' opened"):
        client.create_session("another", request_id="twice")


def test_limits_of_the_server(truth):
    with running_server(truth, max_sessions=1, max_batch_items=2) as address, Client(address) as client:
        session = client.create_session("small")
        with pytest.raises(LimitExceededError, match="holds 1 sessions, and that is the most; delete some"):
            client.create_session("small")
        with pytest.raises(InvalidRequestError, match="9 items in one batch, and 2 are the most"):
            client.append(session.name, ITEMS)
        assert client.append(session.name, ITEMS, batch_items=2).committed_offset == len(ITEMS)


def test_a_wrong_pace_is_the_callers_fault(client):
    session = client.create_session("small")
    for call in (client.append, lambda *args, **options: client.stream(*args, **options).run()):
        with pytest.raises(ValueError, match="batch_items must be at least 1, not 0"):
            call(session.name, ITEMS, batch_items=0)
        with pytest.raises(ValueError, match="linger must not be negative, but is nan"):
            call(session.name, ITEMS, linger=float("nan"))


def test_sources_of_every_form(client, truth, tmp_path):
    rows = pa.table({"query_index": [0] * 5, "image_index": range(5), "score": [0.5] * 5, "bbox": [[4.0, 5, 9, 9]] * 5})
    (tmp_path / "a.jsonl").write_text(
        "\n".join(f'{{"query_index": 0, "image_index": {i}, "score": 0.5, "bbox": [4, 5, 9, 9]}}' for i in range(5))
    )
    items = [*read_arrow(rows)]
    here = Accumulator(truth)
    here.add(items)
    for source in (rows, read_arrow(rows), items, iter(items), tmp_path / "a.jsonl", str(tmp_path / "a.jsonl")):
        assert client.score("small", source).content == report_bytes(here)


async def test_sources_of_the_asyncio_client_may_be_asynchronous(async_client, truth):
    async def arriving():
        for item in ITEMS:
            yield item

    here = Accumulator(truth)
    here.add(ITEMS)
    assert (await async_client.score("small", arriving())).content == report_bytes(here)
    session = await async_client.create_session("small")
    appended = await async_client.append(session.name, arriving(), batch_items=2)
    totals = {"received": appended.committed_offset, "chain_digest": appended.chain_digest}
    assert (await async_client.finalize(session.name, **totals)).content == report_bytes(here)


def test_a_submission_that_cannot_be_read_says_so(client, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"query_index": 0, "image_index": 1}\n{"query": 0}\n')
    session = client.create_session("small")
    with pytest.raises(SubmissionError, match=r"a\.jsonl: line 2: Object contains unknown field `query`"):
        client.stream(session.name, tmp_path / "a.jsonl").run()
    with pytest.raises(SubmissionError, match="no such file or folder"):
        client.stream(session.name, tmp_path / "b.jsonl")


def test_large_items_are_cut_into_messages_by_their_bytes(client):
    large = Rle(24, 32, b"0" * 40_000)
    items = [Prediction(0, image % 9, large) for image in range(200)]
    session = client.create_session("small")
    assert len(client.append(session.name, items, batch_items=4096).rejections) == 200
    with Client(client._address) as other:
        stream = other.stream(other.create_session("small").name, items, batch_items=4096)
        assert stream.run().rejected == 200


def test_a_ranking_of_a_million_images_fits_in_one_message(client):
    session = client.create_session("small", distractors=1_001_001)
    order = np.random.default_rng(0).permutation(len(IMAGES) + 1_001_001)
    assert client.append(session.name, [Ranking(0, order)]).rejections == ()


def test_a_server_that_is_not_there_is_told_at_once_with_its_address():
    with Client("127.0.0.1:1") as client:
        for call in (client.benchmarks, lambda: client.stream("sessions/x", ITEMS).run()):
            before = time.monotonic()
            with pytest.raises(
                ServerUnavailableError, match=r"scoring server 127\.0\.0\.1:1: .*check that it runs there"
            ):
                call()
            assert time.monotonic() - before < 5


async def test_a_server_that_is_not_there_is_told_at_once_with_asyncio():
    async with AsyncClient("127.0.0.1:1") as client:
        with pytest.raises(ServerUnavailableError, match=r"scoring server 127\.0\.0\.1:1: .*check that it runs there"):
            await client.benchmarks()
        with pytest.raises(ServerUnavailableError, match=r"scoring server 127\.0\.0\.1:1: "):
            await client.stream("sessions/x", ITEMS).run()


def test_a_status_that_grpc_loses_is_that_of_a_broken_stream():
    status = grpc.StatusCode.INTERNAL, grpc.aio.Metadata(), grpc.aio.Metadata()
    lost = client_error(grpc.aio.AioRpcError(*status, "Internal error from Core"), "host:1")
    assert type(lost) is ServerUnavailableError
    assert "scoring server host:1: the stream broke while it was written to; check" in str(lost)
    assert type(client_error(grpc.aio.AioRpcError(*status, "incident 1"), "host:1")) is ClientError


def test_both_clients_have_the_same_methods():
    def methods(kind):
        return {
            name: [*inspect.signature(member).parameters]
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(Client) == methods(AsyncClient)
    assert methods(pixret.client.PredictionStream) == methods(pixret.client.AsyncPredictionStream)


def test_a_benchmark_served_twice_is_told_apart_by_its_digest(client):
    assert client.benchmark("small").digest == small_truth().digest != client.benchmark("another").digest


class AwayAtTimes(ScoringServiceServicer):
    """A server that refuses its first call, and is away for every second of a kind after that, though it did it."""

    def __init__(self):
        self.calls = Counter()

    def GetSession(self, request, context):  # noqa: ARG002, N802, gRPC names them
        context.abort(grpc.StatusCode.NOT_FOUND, "no session")

    def ListBenchmarks(self, request, context):  # noqa: ARG002, N802
        self._go_away_at_first("ListBenchmarks", context)
        return pb.ListBenchmarksResponse()

    def DeleteSession(self, request, context):  # noqa: ARG002, N802
        self._go_away_at_first("DeleteSession", context)
        context.abort(grpc.StatusCode.NOT_FOUND, "no session")

    def _go_away_at_first(self, rpc, context):
        self.calls[rpc] += 1
        if self.calls[rpc] % 2:
            context.abort(grpc.StatusCode.UNAVAILABLE, "away")


async def test_a_server_that_refused_has_answered_and_a_session_that_is_gone_was_deleted_by_the_first_try():
    servicer = AwayAtTimes()
    with answering(servicer) as address:
        with Client(address) as client:
            with pytest.raises(NotFoundError):
                client.session("sessions/one")
            assert client.benchmarks() == []
            client.delete_session("sessions/one")
        async with AsyncClient(address) as client:
            with pytest.raises(NotFoundError):
                await client.session("sessions/one")
            assert await client.benchmarks() == []
            await client.delete_session("sessions/one")
    assert servicer.calls == {"ListBenchmarks": 4, "DeleteSession": 4}
