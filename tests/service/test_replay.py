"""Sessions scored again from the journal: every snapshot and the report, to the last bit."""

from dataclasses import replace as replaced

import pytest
import sqlalchemy as sa
from service_kit import append, make_truth, new_session
from test_state import chain_of, database, mixed, serving

from pixret.metrics import Accumulator, report_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import ReplayError, open_journal, replay
from pixret.service._state import _schema
from pixret.service._views import snapshot_view
from pixret.service._wire import read_items


async def finished(state, items, **config):
    """A session that was streamed in batches with a snapshot behind each; its name, the snapshots and the report."""
    snapshots = []
    async with serving(state, **config) as stub:
        name = await new_session(stub)
        for start in range(0, len(items), 7):
            await append(stub, name, start, items[start : start + 7])
            snapshots.append((await stub.GetSnapshot(pb.GetSnapshotRequest(session=name))).snapshot)
        response = await stub.FinalizeSession(pb.FinalizeSessionRequest(session=name, item_count=len(items)))
    return name, snapshots, response.report_json


async def replayed(state, name, **options):
    journal = open_journal(state)
    try:
        return await replay(journal, name, [make_truth()], **options)
    finally:
        await journal.close()


async def test_every_snapshot_and_the_report_come_out_again(state):
    name, snapshots, report = await finished(state, mixed())
    for snapshot in snapshots:
        found = await replayed(state, name, offset=snapshot.offset)
        assert snapshot_view(found.snapshot()) == snapshot
    whole = await replayed(state, name)
    assert whole.is_final
    assert whole.report() == whole.stored == report


async def test_offsets_within_a_batch_are_scored_too(state):
    items = mixed()
    name, _, _ = await finished(state, items)
    for offset in range(len(items) + 1):
        here = Accumulator(make_truth())
        here.add(read_items(items[:offset]))
        found = await replayed(state, name, offset=offset)
        assert (found.report(), found.chain) == (report_bytes(here), chain_of(items[:offset]))
        assert found.is_final == (offset == len(items))


async def test_what_a_hidden_ground_truth_told_comes_out_again(state):
    name, snapshots, report = await finished(state, mixed()[:14], hide_ground_truth=True, hidden_step=2.0)
    found = await replayed(state, name, hidden_step=2.0)
    assert (found.report(), snapshot_view(found.snapshot())) == (report, snapshots[-1])
    assert (await replayed(state, name)).report() != report


async def test_a_session_that_is_not_there_is_named(state):
    with pytest.raises(ReplayError, match="no session 'sessions/none'"):
        await replayed(state, "sessions/none")


async def test_an_offset_that_is_not_there_is_named(state):
    name, _, _ = await finished(state, mixed()[:7])
    with pytest.raises(ReplayError, match=f"{name} has no offset 8; it holds 7 items"):
        await replayed(state, name, offset=8)


async def test_another_ground_truth_is_refused(state):
    name, _, _ = await finished(state, mixed()[:7])
    truth = make_truth()
    other = type(truth)(truth.benchmark, truth.query_ids, truth.image_ids, truth.pairs[1:], truth.ignored_queries)
    journal = open_journal(state)
    with pytest.raises(ReplayError, match=r"was scored with sha256:\w+, and the tables hold sha256:"):
        await replay(journal, name, [other])
    with pytest.raises(ReplayError, match="no benchmark 'tiny' on this server, which has: another"):
        await replay(journal, name, [replaced(truth, benchmark="another")])
    await journal.close()


async def test_items_that_were_changed_in_the_state_are_noticed(state):
    name, _, _ = await finished(state, mixed()[:14])
    with database(state) as connection:
        digests = connection.execute(sa.select(_schema.entries.c.digests)).scalars().first()
        first = _schema.entries.c.digests == digests
        connection.execute(sa.update(_schema.entries).where(first).values(digests=bytes(len(digests))))
    with pytest.raises(ReplayError, match="its items give another digest than was written down"):
        await replayed(state, name)


async def test_items_that_are_gone_are_noticed(state):
    name, _, _ = await finished(state, mixed()[:14])
    with database(state) as connection:
        connection.execute(sa.delete(_schema.entries))
    with pytest.raises(ReplayError, match="is damaged: nothing is left at offset 0"):
        await replayed(state, name)
