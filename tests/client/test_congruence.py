"""One table of scenarios, every way of scoring: the same report to the last byte, and the same rejections."""

import pytest
from items import plain_rejection
from scenarios import FAULTS, scenarios

from pixret.metrics import Accumulator, Reason, report_bytes

ALL = list(scenarios())
SCENARIOS = pytest.mark.parametrize(("items", "distractors"), [pytest.param(*rest, id=name) for name, *rest in ALL])


def local(truth, items, distractors):
    accumulator = Accumulator(truth, distractors=distractors)
    accumulator.add(items)
    return accumulator


def plain_rejections(rejections):
    return [*map(plain_rejection, rejections)]


def numbers(snapshot):
    """A snapshot without the reasons for what is undefined, which the report alone tells."""
    return snapshot.accepted, snapshot.rejected, snapshot.official_exact, _without_reasons(snapshot.protocols)


def _without_reasons(protocols):
    return {
        protocol: [
            (metrics.coverage, convention.ranking_map, task.miou, task.map_50_95, task.map)
            for convention in (metrics.official, metrics.strict, *_ends(metrics))
            for task in (convention.detection, convention.segmentation)
        ]
        for protocol, metrics in protocols.items()
    }


def _ends(metrics):
    return [end for each in (metrics.official_bounds, metrics.strict_bounds) for end in (each.least, each.greatest)]


@SCENARIOS
def test_the_blocking_client(client, truth, items, distractors):
    here = local(truth, items, distractors)
    session = client.create_session("small", distractors=distractors)
    stream = client.stream(session.name, items, batch_items=5)
    last = stream.run()
    assert (last.received, last.chain_digest) == (len(items), stream.chain_digest)
    assert numbers(last) == numbers(client.snapshot(session.name)) == numbers(here.snapshot())
    assert plain_rejections(stream.rejections) == plain_rejections(here.rejections)
    assert plain_rejections(client.rejections(session.name)) == plain_rejections(here.rejections)
    assert client.finalize(session.name, received=stream.committed_offset).content == report_bytes(here)
    assert client.score("small", items, distractors=distractors).content == report_bytes(here)


@SCENARIOS
async def test_the_asyncio_client(async_client, truth, items, distractors):
    here = local(truth, items, distractors)
    session = await async_client.create_session("small", distractors=distractors)
    stream = async_client.stream(session.name, items, batch_items=5)
    last = await stream.run()
    assert (last.received, last.chain_digest) == (len(items), stream.chain_digest)
    assert numbers(last) == numbers(await async_client.snapshot(session.name)) == numbers(here.snapshot())
    assert plain_rejections(stream.rejections) == plain_rejections(here.rejections)
    listed = [rejection async for rejection in async_client.rejections(session.name)]
    assert plain_rejections(listed) == plain_rejections(here.rejections)
    report = await async_client.finalize(session.name, received=stream.committed_offset)
    assert report.content == report_bytes(here)
    report = await async_client.score("small", items, distractors=distractors)
    assert report.content == report_bytes(here)


@SCENARIOS
def test_unary_calls(client, truth, items, distractors):
    here = local(truth, items, distractors)
    session = client.create_session("small", distractors=distractors)
    appended = client.append(session.name, items, batch_items=5)
    assert plain_rejections(appended.rejections) == plain_rejections(here.rejections)
    assert client.finalize(session.name, received=len(items)).content == report_bytes(here)


@SCENARIOS
async def test_unary_calls_of_the_asyncio_client(async_client, truth, items, distractors):
    here = local(truth, items, distractors)
    session = await async_client.create_session("small", distractors=distractors)
    appended = await async_client.append(session.name, items, batch_items=5)
    assert plain_rejections(appended.rejections) == plain_rejections(here.rejections)
    report = await async_client.finalize(session.name, received=len(items))
    assert report.content == report_bytes(here)


def test_the_table_has_a_fault_of_every_kind(truth):
    assert {reason for _, reason in FAULTS.values()} == set(Reason) - {Reason.UNKNOWN}
    (items,) = (items for name, items, _ in ALL if name == "every fault")
    found = [rejection.reason for rejection in local(truth, items, 0).rejections]
    assert found == [reason for _, reason in FAULTS.values()]
