"""The unary RPCs: benchmarks, the life of a session, and the codes of what cannot be granted."""

import asyncio

import grpc
import pytest
from service_kit import append, details, failing, make_truth, new_session, prediction, submission

from pixret.metrics import Accumulator, report_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import ServiceConfig
from pixret.service._wire import read_items


async def finalize(stub, session, count, **totals):
    return await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=count, **totals))


@pytest.mark.parametrize("method", ["", "/", "//", "/nothing", "/a/b/c", "/pixret.scoring.v1.ScoringService/Nothing"])
async def test_a_method_that_is_none_is_not_implemented(channel, method):
    assert (await failing(channel.unary_unary(method)(b""))).code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("rpc", ["ListBenchmarks", "CreateSession", "AppendPredictions"])
async def test_bytes_that_are_no_request_are_refused(channel, rpc):
    error = await failing(channel.unary_unary(f"/pixret.scoring.v1.ScoringService/{rpc}")(b"\xff\xff\xff"))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "the request is no message of this call; send one"
    assert details(error)["BadRequest"].field_violations[0].field == "request"


async def test_benchmarks_are_listed_by_name_without_names_of_images(stub):
    benchmarks = (await stub.ListBenchmarks(pb.ListBenchmarksRequest())).benchmarks
    assert [(each.name, each.query_count, len(each.query_ids)) for each in benchmarks] == [
        ("benchmarks/another", 2, 0),
        ("benchmarks/tiny", 4, 0),
    ]


async def test_a_benchmark_tells_what_it_takes_to_send_to_it(stub, truth):
    request = pb.GetBenchmarkRequest(name="benchmarks/tiny", view=pb.BENCHMARK_VIEW_FULL)
    found = (await stub.GetBenchmark(request)).benchmark
    assert (found.query_count, found.index_size) == (4, 12)
    assert (found.easy_count, found.hard_count, found.junk_count) == (16, 12, 4)
    assert (tuple(found.query_ids), tuple(found.image_ids)) == (truth.query_ids, truth.image_ids)
    assert found.digest == truth.digest
    assert [f"{threshold:.2f}" for threshold in found.thresholds] == [f"0.{i}" for i in range(50, 100, 5)]
    assert (found.limits.max_batch_items, found.limits.max_message_bytes) == (4096, 4 * 2**20)
    assert found.limits.max_mask_runs > 0
    assert found.limits.max_mask_pixels > 0
    assert found.limits.max_coordinate > 0
    assert found.limits.max_polygon_points > 0
    basic = (await stub.GetBenchmark(pb.GetBenchmarkRequest(name="benchmarks/tiny"))).benchmark
    assert len(basic.image_ids) == 0


async def test_an_unknown_benchmark_lists_what_there_is(stub):
    for call in (
        stub.GetBenchmark(pb.GetBenchmarkRequest(name="benchmarks/none")),
        stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/none")),
    ):
        error = await failing(call)
        assert error.code() is grpc.StatusCode.NOT_FOUND
        assert error.details() == "no benchmark 'none' on this server, which has: another, tiny"
        assert details(error)["ResourceInfo"].resource_name == "benchmarks/none"
        assert details(error)["ErrorInfo"].domain == "pixret"


@pytest.mark.parametrize(
    ("method", "request_message", "field"),
    [
        ("GetBenchmark", pb.GetBenchmarkRequest(name="tiny"), "name"),
        ("GetBenchmark", pb.GetBenchmarkRequest(name="benchmarks/a\0b"), "name"),
        ("GetSession", pb.GetSessionRequest(name="sessions/a\0b"), "name"),
        ("GetBenchmark", pb.GetBenchmarkRequest(name="benchmarks/tiny", view=9), "view"),
        ("CreateSession", pb.CreateSessionRequest(), "benchmark"),
        ("CreateSession", pb.CreateSessionRequest(benchmark="benchmarks/tiny", display_name="x" * 257), "display_name"),
        ("CreateSession", pb.CreateSessionRequest(benchmark="benchmarks/tiny", request_id="x" * 257), "request_id"),
        (
            "CreateSession",
            pb.CreateSessionRequest(benchmark="benchmarks/tiny", distractor_count=2**32 - 1),
            "distractor_count",
        ),
        ("GetSession", pb.GetSessionRequest(), "name"),
        ("GetSession", pb.GetSessionRequest(name="sessions/a/b"), "name"),
        ("DeleteSession", pb.DeleteSessionRequest(name="x"), "name"),
        ("ListSessions", pb.ListSessionsRequest(page_token="x"), "page_token"),
        ("ListSessions", pb.ListSessionsRequest(page_token="ÿ"), "page_token"),
        ("AppendPredictions", pb.AppendPredictionsRequest(session="x"), "session"),
        ("GetSnapshot", pb.GetSnapshotRequest(), "session"),
        ("ListRejections", pb.ListRejectionsRequest(), "session"),
        ("FinalizeSession", pb.FinalizeSessionRequest(), "session"),
    ],
)
async def test_a_bad_envelope_names_its_field(stub, method, request_message, field):
    error = await failing(getattr(stub, method)(request_message))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    found = details(error)
    assert found["BadRequest"].field_violations[0].field == field
    assert found["ErrorInfo"].reason == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        ("GetSession", pb.GetSessionRequest(name="sessions/none")),
        ("DeleteSession", pb.DeleteSessionRequest(name="sessions/none")),
        ("AppendPredictions", pb.AppendPredictionsRequest(session="sessions/none", batch=pb.ItemBatch())),
        ("GetSnapshot", pb.GetSnapshotRequest(session="sessions/none")),
        ("ListRejections", pb.ListRejectionsRequest(session="sessions/none")),
        ("FinalizeSession", pb.FinalizeSessionRequest(session="sessions/none")),
    ],
)
async def test_an_unknown_session_is_not_found(stub, method, request_message):
    error = await failing(getattr(stub, method)(request_message))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert details(error)["ResourceInfo"].resource_type == "pixret.Session"


async def test_a_session_shows_what_it_was_created_with(stub):
    request = pb.CreateSessionRequest(benchmark="benchmarks/tiny", distractor_count=7, display_name="mine")
    session = (await stub.CreateSession(request)).session
    assert (session.benchmark, session.distractor_count, session.display_name) == ("benchmarks/tiny", 7, "mine")
    assert (session.state, session.committed_offset) == (pb.SESSION_STATE_OPEN, 0)
    assert session.create_time.seconds > 0
    assert (await stub.GetSession(pb.GetSessionRequest(name=session.name))).session == session


async def test_creation_is_idempotent_by_request_id(stub):
    names = await asyncio.gather(*(new_session(stub, request_id="one") for _ in range(5)))
    assert len(set(names)) == 1
    error = await failing(
        stub.CreateSession(
            pb.CreateSessionRequest(benchmark="benchmarks/tiny", request_id="one", display_name="another")
        )
    )
    assert error.code() is grpc.StatusCode.ALREADY_EXISTS
    assert details(error)["ResourceInfo"].resource_name == names[0]
    await stub.DeleteSession(pb.DeleteSessionRequest(name=names[0]))
    assert await new_session(stub, request_id="one", display_name="another") != names[0]


async def test_sessions_are_listed_page_by_page_oldest_first(stub):
    names = [await new_session(stub) for _ in range(5)]
    found, token = [], ""
    while True:
        page = await stub.ListSessions(pb.ListSessionsRequest(page_size=2, page_token=token))
        found += [session.name for session in page.sessions]
        if not (token := page.next_page_token):
            break
    assert found == names
    assert len((await stub.ListSessions(pb.ListSessionsRequest())).sessions) == 5


async def test_a_deleted_session_is_gone(stub):
    name = await new_session(stub)
    await stub.DeleteSession(pb.DeleteSessionRequest(name=name))
    assert (await failing(stub.GetSession(pb.GetSessionRequest(name=name)))).code() is grpc.StatusCode.NOT_FOUND
    assert len((await stub.ListSessions(pb.ListSessionsRequest())).sessions) == 0


async def test_unary_appends_follow_the_rules_of_the_stream(stub):
    session, items = await new_session(stub), submission()
    response = await append(stub, session, 0, [*items[:3], items[0]])
    assert (response.ack.committed_offset, response.ack.rejected_count) == (4, 1)
    assert [rejection.offset for rejection in response.rejections] == [3]
    again = await append(stub, session, 0, [*items[:3], items[0]])
    assert again == response
    assert (await failing(append(stub, session, 9, items[:1]))).code() is grpc.StatusCode.OUT_OF_RANGE
    assert (await failing(append(stub, session, 0, items[4:5]))).code() is grpc.StatusCode.ALREADY_EXISTS
    unset = await failing(stub.AppendPredictions(pb.AppendPredictionsRequest(session=session)))
    assert details(unset)["BadRequest"].field_violations[0].field == "batch"


async def test_unary_and_local_scoring_give_the_same_report_byte_for_byte(stub, truth):
    session = await new_session(stub, distractor_count=3)
    items = [*submission(), submission()[0], prediction(9, 0), pb.Item()]
    for start in range(0, len(items), 11):
        await append(stub, session, start, items[start : start + 11])
    response = await finalize(stub, session, len(items), accepted_count=48, rejected_count=3)
    local = Accumulator(truth, distractors=3)
    local.add(read_items(items))
    assert response.report_json == report_bytes(local)
    assert response.session.state == pb.SESSION_STATE_FINALIZED
    assert await finalize(stub, session, len(items)) == response


@pytest.mark.parametrize(
    ("totals", "field", "there"),
    [
        ({"item_count": 5}, "item_count", "4"),
        ({"item_count": 4, "accepted_count": 4}, "accepted_count", "3"),
        ({"item_count": 4, "rejected_count": 0}, "rejected_count", "1"),
    ],
)
async def test_finalizing_with_other_totals_names_both_numbers(stub, totals, field, there):
    session, items = await new_session(stub), submission()
    await append(stub, session, 0, [*items[:3], items[0]])
    error = await failing(stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, **totals)))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == f"{field} is {totals[field]}, and the server has {there}; nothing was finalized"
    assert details(error)["PreconditionFailure"].violations[0].type == "TOTALS_DIFFER"
    assert (await append(stub, session, 4, items[5:6])).ack.committed_offset == 5


async def test_appending_after_the_end_is_refused(stub):
    session = await new_session(stub)
    await finalize(stub, session, 0)
    error = await failing(append(stub, session, 0, submission()[:1]))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert details(error)["PreconditionFailure"].violations[0].subject == session


async def test_concurrent_finalizations_agree(stub):
    session = await new_session(stub)
    await append(stub, session, 0, submission())
    responses = await asyncio.gather(*(finalize(stub, session, 48) for _ in range(4)))
    assert len({response.report_json for response in responses}) == 1


class TestLimits:
    @pytest.fixture
    def config(self):
        return ServiceConfig(
            workers=1, max_sessions=2, max_session_items=10, max_session_rejections=2, max_message_bytes=20_000
        )

    async def test_sessions(self, stub):
        names = [await new_session(stub) for _ in range(2)]
        error = await failing(stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/tiny")))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details(error)["QuotaFailure"].violations[0].subject == "sessions"
        await stub.DeleteSession(pb.DeleteSessionRequest(name=names[0]))
        await new_session(stub)

    async def test_items_of_a_session(self, stub):
        session = await new_session(stub)
        error = await failing(append(stub, session, 0, submission()[:11]))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details(error)["QuotaFailure"].violations[0].subject == session

    async def test_rejections_of_a_session(self, stub):
        session = await new_session(stub)
        await append(stub, session, 0, [pb.Item()] * 2)
        assert (await failing(append(stub, session, 2, submission()[:1]))).code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    async def test_bytes_of_a_message(self, stub):
        unreadable = pb.Prediction(unreadable=pb.UnreadableMask(detail="x" * 30_000))
        error = await failing(append(stub, await new_session(stub), 0, [pb.Item(prediction=unreadable)]))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "larger than max" in error.details()
        assert "20000" in error.details()


async def test_an_unexpected_fault_is_internal_and_gives_nothing_away(stub, monkeypatch, caplog):
    from pixret.service import _session

    def break_down(_):
        raise RuntimeError("a secret path")

    session = await new_session(stub)
    monkeypatch.setattr(_session, "report_bytes", break_down)
    error = await failing(finalize(stub, session, 0))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in error.details()
    incident = error.details().rpartition(" ")[2]
    assert any(incident in record.message and record.exc_info for record in caplog.records)
    monkeypatch.undo()
    assert (await finalize(stub, session, 0)).report_json


async def test_a_benchmark_is_served_once():
    from pixret.service import Server, ServiceError

    with pytest.raises(ServiceError, match="tiny was given twice"):
        Server([make_truth(), make_truth()])
    with pytest.raises(ServiceError, match="no benchmark to serve"):
        Server([])


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"max_sessions": 0}, {"grace": -1.0}, {"min_snapshot_interval": 0}])
def test_a_config_that_cannot_work_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ServiceConfig(**wrong)
