"""How fast a principal may send, and how often it may look.

Times are only compared with what they cannot be less than, so that a slow machine fails nothing.
"""

import asyncio
import time

import grpc
import pytest
from service_kit import Stream, append, details, failing, new_session, submission

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import ServiceConfig


class TestItems:
    @pytest.fixture
    def config(self):
        return ServiceConfig(workers=1, grace=1.0, quota_items_per_second=40)

    async def test_a_stream_is_slowed_and_loses_nothing(self, stub):
        stream = Stream(stub, await new_session(stub))
        await stream.attach()
        began = time.monotonic()
        for at in range(0, 48, 12):
            await stream.send(at, submission()[at : at + 12])
        await stream.ack(48)
        assert time.monotonic() - began >= 0.15  # 40 at once, and 8 more at 40 a second

    async def test_streams_share_the_pace_of_their_principal(self, stub):
        streams = [Stream(stub, await new_session(stub)) for _ in range(2)]
        began = time.monotonic()
        for stream in streams:
            await stream.attach()
            await stream.send(0, submission()[:24])
        await asyncio.gather(*(stream.ack(24) for stream in streams))
        assert time.monotonic() - began >= 0.15

    async def test_a_unary_call_is_refused_and_told_when_to_come_back(self, stub):
        session = await new_session(stub)
        await append(stub, session, 0, submission()[:40])
        error = await failing(append(stub, session, 40, submission()[40:]))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error.details() == "everyone may send 40 items a second; send slower"
        assert details(error)["QuotaFailure"].violations[0].subject == "items"
        delay = details(error)["RetryInfo"].retry_delay.ToNanoseconds() / 1e9
        assert delay == 0.2
        await asyncio.sleep(delay + 0.1)
        await append(stub, session, 40, submission()[40:])


class TestBytes:
    @pytest.fixture
    def config(self):
        return ServiceConfig(workers=1, grace=1.0, quota_bytes_per_second=1000)

    async def test_bytes_count_as_they_are_sent(self, stub):
        session = await new_session(stub)
        sent = pb.ItemBatch(items=submission()[:16]).ByteSize()
        assert 900 < sent < 2000
        await append(stub, session, 0, submission()[:16])
        error = await failing(append(stub, session, 16, submission()[16:32]))
        assert error.details() == "everyone may send 1000 bytes a second; send slower"
        assert details(error)["RetryInfo"].retry_delay.ToNanoseconds() > 0


class TestSnapshots:
    @pytest.fixture
    def config(self):
        return ServiceConfig(workers=1, grace=1.0, quota_snapshots=2)

    async def test_a_session_has_so_many_and_the_same_one_again(self, stub):
        session = await new_session(stub)
        request = pb.GetSnapshotRequest(session=session)
        for at in range(2):
            await append(stub, session, at, submission()[at : at + 1])
            first = await stub.GetSnapshot(request)
            assert await stub.GetSnapshot(request) == first
        await append(stub, session, 2, submission()[2:3])
        error = await failing(stub.GetSnapshot(request))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error.details() == f"the metrics of {session} were told 2 times, and that is the most"
        assert details(error)["QuotaFailure"].violations[0].subject == session

    async def test_a_stream_still_ends_when_no_more_are_told(self, stub):
        stream = Stream(stub, await new_session(stub))
        await stream.attach()
        answers = []
        for at in range(3):
            await stream.send(at, submission()[at : at + 1])
            await stream.flush(str(at))
            answers.append((await stream.receive("snapshot")).snapshot)
        assert [(each.flush_tag, each.offset, bool(each.protocols)) for each in answers] == [
            ("0", 1, True),
            ("1", 2, True),
            ("2", 3, False),
        ]
        await stub.FinalizeSession(pb.FinalizeSessionRequest(session=stream.session, item_count=3))
