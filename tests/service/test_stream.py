"""StreamPredictions as a log: attach, offsets, acks, and the end of a stream."""

import asyncio

import grpc
import pytest
from service_kit import Stream, append, details, failing, new_session, prediction, submission

from pixret.scoring.v1 import scoring_pb2 as pb


@pytest.fixture
async def session(stub):
    return await new_session(stub)


@pytest.fixture
async def stream(stub, session):
    return Stream(stub, session)


async def test_attach_tells_where_to_resume(stub, stream, session):
    attached = await stream.attach()
    assert (attached.session.name, attached.session.committed_offset, attached.writer_epoch) == (session, 0, 1)
    await stream.send(0, submission()[:5])
    await stream.ack(5)
    await stream.rest()
    again = await Stream(stub, session).attach()
    assert (again.session.committed_offset, again.writer_epoch) == (5, 2)


async def test_acks_are_cumulative_and_end_with_all_that_was_sent(stub, stream, session):
    await stream.attach()
    items = submission()
    for start in range(0, len(items), 7):
        await stream.send(start, items[start : start + 7])
    acks = [message.ack.committed_offset for message in await stream.rest() if message.HasField("ack")]
    assert acks == sorted(acks)
    assert acks[-1] == len(items)
    assert await stream.call.code() is grpc.StatusCode.OK
    state = (await stub.GetSession(pb.GetSessionRequest(name=session))).session
    assert (state.state, state.accepted_count) == (pb.SESSION_STATE_OPEN, len(items))


async def test_an_empty_batch_is_acked(stream):
    await stream.attach()
    await stream.send(0, [])
    assert (await stream.receive("ack")).ack.committed_offset == 0


@pytest.mark.parametrize(
    ("first", "field"),
    [
        (pb.StreamPredictionsRequest(), "attach"),
        (pb.StreamPredictionsRequest(flush=pb.Flush()), "attach"),
        (pb.StreamPredictionsRequest(batch=pb.ItemBatch()), "attach"),
        (pb.StreamPredictionsRequest(attach=pb.Attach()), "attach.session"),
        (pb.StreamPredictionsRequest(attach=pb.Attach(session="benchmarks/tiny")), "attach.session"),
    ],
)
async def test_the_first_message_attaches(stub, first, field):
    stream = Stream(stub)
    await stream.call.write(first)
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(error)["BadRequest"].field_violations[0].field == field


async def test_a_stream_without_messages_is_told_so(stub):
    stream = Stream(stub)
    await stream.call.done_writing()
    assert (await stream.failure()).code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.StreamPredictionsRequest(), "message"),
        (pb.StreamPredictionsRequest(attach=pb.Attach(session="sessions/x")), "attach"),
        (
            pb.StreamPredictionsRequest(batch=pb.ItemBatch(items=[pb.Item()] * 4097)),
            "batch.items",
        ),
    ],
)
async def test_a_bad_envelope_ends_the_stream_after_what_came_before(stream, message, field):
    await stream.attach()
    await stream.send(0, submission()[:3])
    await stream.call.write(message)
    await stream.ack(3)
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(error)["BadRequest"].field_violations[0].field == field


async def test_bytes_that_are_no_message_end_the_stream(channel, session):
    call = channel.stream_stream("/pixret.scoring.v1.ScoringService/StreamPredictions")()
    attach = pb.StreamPredictionsRequest(attach=pb.Attach(session=session))
    await call.write(attach.SerializeToString())
    await call.read()
    await call.write(b"\xff\xff\xff")
    error = await failing(call.read())
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(error)["BadRequest"].field_violations[0].field == "message"


async def test_a_message_beyond_the_limit_ends_the_stream(stream):
    await stream.attach()
    mask = pb.UnreadableMask(detail="x" * 5_000_000)
    await stream.send(0, [pb.Item(prediction=pb.Prediction(unreadable=mask))])
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "4194304" in error.details()


async def test_a_negative_snapshot_interval_is_refused(stream):
    attach = pb.Attach(session=stream.session)
    attach.snapshot_interval.seconds = -1
    await stream.call.write(pb.StreamPredictionsRequest(attach=attach))
    assert details(await stream.failure())["BadRequest"].field_violations[0].field == "attach.snapshot_interval"


async def test_attaching_to_an_unknown_session_is_not_found(stub):
    stream = Stream(stub, "sessions/none")
    await stream.call.write(pb.StreamPredictionsRequest(attach=pb.Attach(session="sessions/none")))
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert details(error)["ResourceInfo"].resource_name == "sessions/none"


async def test_a_gap_names_the_expected_offset(stream):
    await stream.attach()
    await stream.send(0, submission()[:4])
    await stream.send(6, submission()[6:8])
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.OUT_OF_RANGE
    assert error.details() == ("the batch begins at offset 6, and the next offset of the session is 4; send from 4")
    assert dict(details(error)["ErrorInfo"].metadata) == {"expected_offset": "4", "offset": "6"}


async def test_items_sent_again_are_taken_once_and_the_rest_of_the_batch_counts(stub, stream, session):
    await stream.attach()
    items = submission()
    await stream.send(0, items[:10])
    await stream.send(0, items[:10])
    await stream.send(4, items[4:20])
    assert (await stream.ack(20)).accepted_count == 20
    await stream.rest()
    later = Stream(stub, session)
    await later.attach()
    await later.send(15, items[15:25])
    assert (await later.ack(25)).accepted_count == 25


async def test_other_content_at_a_known_offset_is_refused_whether_committed_or_not(stream):
    await stream.attach()
    items = submission()
    await stream.send(0, items[:8])
    await stream.send(5, [*items[5:7], prediction(3, 3), *items[8:9]])
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.ALREADY_EXISTS
    assert error.details().startswith("offset 7 was sent before with other content")
    assert details(error)["ResourceInfo"].resource_name == f"{stream.session}/items/7"


async def test_a_newer_writer_fences_the_older(stub, stream, session):
    await stream.attach()
    await stream.send(0, submission()[:3])
    newer = Stream(stub, session)
    attached = await newer.attach()
    assert attached.writer_epoch == 2
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.ABORTED
    assert dict(details(error)["ErrorInfo"].metadata) == {"session": session, "writer_epoch": "1"}
    offset = attached.session.committed_offset
    await newer.send(offset, submission()[offset:12])
    assert (await newer.ack(12)).committed_offset == 12


async def test_a_zombie_that_goes_on_writing_changes_nothing(stub, stream, session):
    await stream.attach()
    newer = Stream(stub, session)
    await newer.attach()

    async def go_on_writing():
        for start in range(100):
            await stream.send(start, [prediction(3, 3)])
            await asyncio.sleep(0.01)

    with pytest.raises((grpc.aio.AioRpcError, asyncio.InvalidStateError)):
        await go_on_writing()
    await newer.send(0, submission()[:5])
    assert (await newer.ack(5)).accepted_count == 5


async def test_a_cancelled_stream_keeps_what_was_taken_and_the_session_goes_on(stub, stream, session):
    await stream.attach()
    await stream.send(0, submission()[:10])
    await stream.ack(10)
    await stream.send(10, submission()[10:30])
    stream.call.cancel()
    again = Stream(stub, session)
    offset = (await again.attach()).session.committed_offset
    assert offset in (10, 30)
    await again.send(offset, submission()[offset:])
    assert (await again.ack(48)).accepted_count == 48


async def test_a_finalized_session_takes_nothing(stub, stream, session):
    await stream.attach()
    await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session))
    await stream.send(0, submission()[:1])
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert details(error)["PreconditionFailure"].violations[0].type == "FINALIZED"
    later = Stream(stub, session)
    await later.call.write(pb.StreamPredictionsRequest(attach=pb.Attach(session=session)))
    assert (await later.failure()).code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_deleted_session_ends_its_stream(stub, stream, session):
    await stream.attach()
    await stub.DeleteSession(pb.DeleteSessionRequest(name=session))
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert error.details() == f"{session} was deleted"


async def test_a_stream_may_stay_open_while_its_session_is_finalized(stub, stream, session):
    await stream.attach()
    await stream.send(0, submission())
    await stream.ack(48)
    await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=48))
    await stream.rest()
    assert await stream.call.code() is grpc.StatusCode.OK


async def test_sessions_do_not_disturb_each_other(stub):
    async def score(count: int) -> int:
        stream = Stream(stub, await new_session(stub))
        await stream.attach()
        items = submission()[:count]
        for start in range(0, count, 5):
            await stream.send(start, items[start : start + 5])
        return (await stream.ack(count)).accepted_count

    assert await asyncio.gather(*(score(count) for count in range(20, 30))) == list(range(20, 30))


async def test_unary_appends_and_a_stream_share_one_log(stub, stream, session):
    await stream.attach()
    items = submission()
    await append(stub, session, 0, items[:10])
    await stream.send(0, items[:20])
    await stream.ack(20)
    response = await append(stub, session, 15, items[15:48])
    assert response.ack.committed_offset == 48
