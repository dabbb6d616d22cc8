"""Snapshots of a stream: on flush, at a pace, and equal to what the core says."""

import asyncio

import pytest
from service_kit import Stream, new_session, submission

from pixret.metrics import Accumulator
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._wire import read_items


@pytest.fixture
async def session(stub):
    return await new_session(stub)


@pytest.fixture
async def stream(stub, session):
    return Stream(stub, session)


async def test_flush_acks_and_snapshots_all_that_was_sent_before(stream, truth):
    await stream.attach()
    items = submission()
    await stream.send(0, items[:20])
    await stream.flush("first")
    await stream.send(20, items[20:])
    await stream.flush("second")
    await stream.flush()
    messages = await stream.rest()
    snapshots = [message.snapshot for message in messages if message.HasField("snapshot")]
    assert [(each.flush_tag, each.offset) for each in snapshots] == [("first", 20), ("second", 48), ("", 48)]
    for index, message in enumerate(messages):
        if message.HasField("snapshot"):
            assert messages[index - 1].ack.committed_offset >= message.snapshot.offset


async def test_a_snapshot_has_the_numbers_of_the_core(stub, stream, session, truth):
    await stream.attach()
    await stream.send(0, submission())
    await stream.flush("all")
    found = (await stream.receive("snapshot")).snapshot
    local = Accumulator(truth)
    local.add(read_items(submission()))
    expected = local.snapshot()
    for metrics, (protocol, theirs) in zip(found.protocols, expected.protocols.items(), strict=True):
        assert (metrics.protocol, metrics.coverage) == (protocol.value, theirs.coverage)
        assert metrics.strict.segmentation.miou == theirs.strict.segmentation.miou
        assert tuple(metrics.strict.detection.map) == theirs.strict.detection.map
        assert metrics.official.ranking_map == theirs.official.ranking_map
        assert (metrics.official.exact, metrics.strict.exact) == (expected.official_exact, True)
    found.flush_tag = ""
    assert (await stub.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot == found


async def test_undefined_metrics_are_unset(stub, session):
    snapshot = (await stub.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot
    official = snapshot.protocols[0].official
    assert not official.detection.HasField("map_50_95")
    assert list(official.detection.map) == []


async def test_snapshots_come_unasked_at_the_pace_of_the_client(stream):
    await stream.attach(interval=0.1)
    await stream.send(0, submission()[:10])
    first = (await stream.receive("snapshot")).snapshot
    assert (first.offset, first.flush_tag) == (10, "")
    await stream.send(10, submission()[10:])
    assert (await stream.receive("snapshot")).snapshot.offset == 48


async def test_without_an_interval_no_snapshot_comes_unasked(stream):
    await stream.attach()
    await stream.send(0, submission())
    await asyncio.sleep(0.3)
    assert all(message.HasField("ack") for message in await stream.rest())
