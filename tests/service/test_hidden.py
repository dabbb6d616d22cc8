"""Hidden ground truth: what a server tells, and what somebody who fishes gets out of it."""

import json
import math

import grpc
import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict
from service_kit import (
    HEIGHT,
    IMAGES,
    QUERIES,
    WIDTH,
    Stream,
    append,
    details,
    make_truth,
    new_session,
    prediction,
    rle,
    square,
    submission,
)

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig, ServiceError, VolatileJournal, open_journal

STEP, A_SESSION, A_DAY = 0.5, 3, 6


@pytest.fixture
def config():
    return ServiceConfig(
        workers=1,
        grace=1.0,
        max_mask_runs=100,
        hide_ground_truth=True,
        hidden_step=STEP,
        hidden_snapshots=A_SESSION,
        hidden_daily=A_DAY,
    )


def other_truth():
    """The same names with other positives, other junk, and labels of other sizes."""
    pairs = []
    for query in range(QUERIES):
        for image in range(5, 12):
            level = Level.JUNK if image == 5 else Level.HARD if image < 8 else Level.EASY
            outline = square(2, 2, 8)
            label = Label(Mask.from_polygons([outline], 2 * HEIGHT, WIDTH), (outline,))
            pairs.append(JudgedPair(query, image, level, None if level is Level.JUNK else label))
    names = make_truth()
    return GroundTruth("tiny", names.query_ids, names.image_ids, tuple(pairs))


def with_mask(query, image, **mask):
    item = prediction(query, image)
    item.prediction.ClearField("rle")
    for arm, value in mask.items():
        getattr(item.prediction, arm).CopyFrom(value)
    return item


def comb(teeth=40):
    """A polygon that has more runs on a canvas than the limit allows, and that is sound as points."""
    xs = np.repeat(np.arange(teeth), 2)
    ys = np.tile([1, 30, 30, 1], teeth // 2)
    return pb.PolygonsMask(polygons=[pb.Polygon(xy=np.stack([xs, ys], 1).ravel().astype(float).tolist())])


def probes(query):
    """For every image of a query, something that a server which knows the label might answer differently to."""
    wrong_size = Mask.from_polygons([square(3, 3, 9)], HEIGHT + 1, WIDTH)
    masks = [
        {"rle": pb.RleMask(height=HEIGHT + 1, width=WIDTH, counts=wrong_size.counts)},
        {"rle": pb.RleMask(height=HEIGHT, width=WIDTH, counts=b"0")},
        {"polygons": comb()},
        {"polygons": pb.PolygonsMask(polygons=[pb.Polygon(xy=[5, 5])])},
        {"box": pb.BoxMask(x=1000, y=1000, width=5, height=5)},
        {"runs": pb.RunsMask(height=1, width=1, counts=[1])},
        {"no_mask": pb.NoMask()},
    ]
    return [
        with_mask(query, image, **masks[(image + shift) % len(masks)]) for shift in range(7) for image in range(IMAGES)
    ]


async def answers(truth, config):
    """All that a server says to somebody who sends the probes, but for the metrics and what names the benchmark."""
    async with (
        Server([truth], config=config) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        stub = ScoringServiceStub(channel)
        heard = []
        for query in range(QUERIES):
            session = await new_session(stub)
            for at, item in enumerate(probes(query)):
                response = await append(stub, session, at, [item])
                heard.append(response.SerializeToString(deterministic=True))
            listed = await stub.ListRejections(pb.ListRejectionsRequest(session=session))
            heard.append(listed.SerializeToString(deterministic=True))
            count = len(probes(query))
            final = await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=count))
            report = json.loads(final.report_json)
            heard.append({name: report[name] for name in ("predictions", "coverage", "rejections", "per_query")})
            heard.append(report["conventions"]["official"])
        return heard


async def test_no_answer_but_the_means_depends_on_the_ground_truth(config):
    assert await answers(make_truth(), config) == await answers(other_truth(), config)


async def test_where_it_is_not_hidden_the_answers_do_depend_on_it(config):
    shown = config.model_copy(update={"hide_ground_truth": False})
    assert await answers(make_truth(), shown) != await answers(other_truth(), shown)


def numbers(snapshot):
    """The numbers of a snapshot by place; what is not set is left out."""
    found = {}
    for protocol in snapshot.protocols:
        for convention in ("official", "strict"):
            metrics = getattr(protocol, convention)
            for task in ("detection", "segmentation"):
                for field, value in getattr(metrics, task).ListFields():
                    found[protocol.protocol, convention, task, field.name] = value
            if metrics.HasField("ranking_map"):
                found[protocol.protocol, convention, "ranking_map"] = metrics.ranking_map
    return found


async def test_a_snapshot_holds_rounded_strict_means_and_nothing_else(stub, truth):
    session = await new_session(stub)
    await append(stub, session, 0, submission())
    snapshot = (await stub.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot
    told = numbers(snapshot)
    tasks = [(task, field) for task in ("detection", "segmentation") for field in ("miou", "map_50_95")]
    expected = {(protocol, "strict", *task) for protocol in ("easy", "medium", "hard") for task in tasks}
    assert told.keys() == expected | {(protocol, "strict", "ranking_map") for protocol in ("easy", "medium", "hard")}
    assert all(map(is_rounded, told.values()))
    assert not any(protocol.HasField("coverage") or protocol.official.exact for protocol in snapshot.protocols)


async def test_a_report_holds_the_same_and_no_query_and_no_pair(stub):
    session = await new_session(stub)
    await append(stub, session, 0, submission())
    final = await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=len(submission())))
    report = json.loads(final.report_json)
    assert report["per_query"] == report["conventions"]["official"]["undefined_pairs"] == []
    assert set(report["coverage"].values()) == {None}
    official = report["conventions"]["official"]["protocols"]["easy"]["segmentation"]
    assert official["miou"] is official["map_50_95"] is None
    assert official["undefined"] == "withheld: the ground truth is hidden"
    snapshot = (await stub.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot
    strict = report["conventions"]["strict"]["protocols"]["hard"]["segmentation"]
    assert strict["miou"] == numbers(snapshot)["hard", "strict", "segmentation", "miou"]
    assert set(strict["map"].values()) == {None}


def is_rounded(value):
    return math.isclose(value * 100 / STEP, round(value * 100 / STEP), abs_tol=1e-6)


def floats_of(value):
    """Every float in JSON values, however deep."""
    match value:
        case float():
            yield value
        case dict():
            for each in value.values():
                yield from floats_of(each)
        case list():
            for each in value:
                yield from floats_of(each)


async def test_no_number_is_told_that_is_not_rounded(stub):
    """Whatever fields snapshots and reports may get: what is in them is rounded, or it is not there."""
    session = await new_session(stub)
    await append(stub, session, 0, submission()[:-1])
    snapshot = (await stub.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot
    final = await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=len(submission()) - 1))
    for told in ([*floats_of(MessageToDict(snapshot))], [*floats_of(json.loads(final.report_json))]):
        assert len(told) == 15
        assert all(map(is_rounded, told))


async def test_a_benchmark_shows_names_in_the_order_of_the_index_and_no_pair(stub):
    request = pb.GetBenchmarkRequest(name="benchmarks/tiny", view=pb.BENCHMARK_VIEW_FULL)
    shown = {field.name for field, _ in (await stub.GetBenchmark(request)).benchmark.ListFields()}
    counts = {"query_count", "index_size", "easy_count", "hard_count", "junk_count"}
    assert shown == counts | {"name", "thresholds", "digest", "limits", "query_ids", "image_ids"}


class Fisher:
    """Sends one positive after the other and looks after each, in as many sessions as it takes."""

    def __init__(self, stub):
        self.stub, self.caught = stub, []

    async def look(self, session, items):
        """Whether the server tells numbers after the items."""
        at = (await self.stub.GetSession(pb.GetSessionRequest(name=session))).session.committed_offset
        await append(self.stub, session, at, items)
        try:
            self.caught.append(numbers((await self.stub.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot))
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            return error
        return None

    async def finish(self, session):
        try:
            at = (await self.stub.GetSession(pb.GetSessionRequest(name=session))).session.committed_offset
            await self.stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=at))
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            return error
        return None


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request, tmp_path):
    """Make the journal of a server; one that is durable remembers across servers."""
    if request.param == "memory":
        journal = VolatileJournal()
        return lambda: journal
    return lambda: open_journal(str(tmp_path))


async def test_who_fishes_is_told_so_much_a_day_in_whatever_sessions(truth, config, reopen):
    caught, refused = [], []
    for _ in range(2):  # the second server is the first one after a restart
        async with (
            Server([truth], config=config, journal=reopen()) as server,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            fisher = Fisher(ScoringServiceStub(channel))
            for query in range(3):
                session = await new_session(fisher.stub)
                refused += [await fisher.look(session, [prediction(query, image)]) for image in range(5)]
                refused.append(await fisher.finish(session))
                await fisher.stub.DeleteSession(pb.DeleteSessionRequest(name=session))
            caught += fisher.caught
    assert len(caught) + sum(refusal is None for refusal in refused[5::6]) == A_DAY
    last = refused[-1]
    assert last.details() == f"metrics were told {A_DAY} times to everyone in a day, the most there is"
    assert 86_000 < details(last)["RetryInfo"].retry_delay.seconds <= 86_400
    told = [value for each in caught for value in each.values()]
    assert len(told) <= 15 * A_DAY
    assert {round(value * 100 / STEP) for value in told} <= {*range(201)}


async def test_looks_beyond_those_of_a_session_are_refused(stub):
    fisher, session = Fisher(stub), await new_session(stub)
    refused = [await fisher.look(session, [prediction(0, image)]) for image in range(A_SESSION + 1)]
    assert refused[:-1] == [None] * A_SESSION
    assert refused[-1].details() == f"the metrics of {session} were told {A_SESSION} times, and that is the most"
    assert "RetryInfo" not in details(refused[-1])


async def test_unasked_snapshots_count_and_then_cease(stub):
    stream = Stream(stub, await new_session(stub))
    await stream.attach(interval=0.1)
    for at in range(A_SESSION):
        await stream.send(at, submission()[at : at + 1])
        assert (await stream.receive("snapshot")).snapshot.protocols
    await stream.send(A_SESSION, submission()[A_SESSION : A_SESSION + 1])
    await stream.flush("end")
    rest = await stream.rest()
    snapshots = [message.snapshot for message in rest if message.HasField("snapshot")]
    assert [(each.flush_tag, each.offset, len(each.protocols)) for each in snapshots] == [("end", A_SESSION + 1, 0)]


async def test_one_benchmark_is_hidden_beside_one_that_is_not(truth):
    config = ServiceConfig(workers=1, grace=1.0, hidden_benchmarks="tiny")
    async with (
        Server([truth, make_truth("another")], config=config) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        stub = ScoringServiceStub(channel)
        for name, shown in (("tiny", False), ("another", True)):
            created = await stub.CreateSession(pb.CreateSessionRequest(benchmark=f"benchmarks/{name}"))
            await append(stub, created.session.name, 0, [prediction(0, 0, mask=rle())])
            response = await stub.GetSnapshot(pb.GetSnapshotRequest(session=created.session.name))
            assert all(protocol.HasField("coverage") is shown for protocol in response.snapshot.protocols)


async def test_a_misspelt_name_hides_nothing_and_so_no_server_starts(truth):
    config = ServiceConfig(workers=1, hidden_benchmarks="tiny, tinny")
    with pytest.raises(
        ServiceError, match="hidden_benchmarks names tinny, and what is served is another, tiny; correct"
    ):
        await Server([truth, make_truth("another")], config=config).start()
