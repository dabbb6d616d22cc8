"""Items that are refused, one by one, while everything around them counts."""

import pytest
from service_kit import HEIGHT, WIDTH, Stream, append, details, failing, new_session, prediction, rle, submission

from pixret.metrics import Accumulator, report_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import ServiceConfig
from pixret.service._wire import read_items

NAN = float("nan")
QUERY, IMAGE = pb.ImageRef(index=0), pb.ImageRef(index=1)


@pytest.fixture
def config():
    return ServiceConfig(workers=1, grace=1.0, max_mask_runs=1000, max_polygon_points=50)


def said(**fields):
    return pb.Item(prediction=pb.Prediction(query=QUERY, image=IMAGE, **fields))


def polygon(*xy):
    return pb.PolygonsMask(polygons=[pb.Polygon(xy=xy)])


def ranking(*images, query=QUERY):
    return pb.Item(ranking=pb.Ranking(query=query, image_indices=images))


SOUND = [
    said(score=1.0, rle=rle()),
    said(score=-1e300, no_mask=pb.NoMask()),
    said(rank=0, polygons=polygon(1, 1, 9, 1, 9, 9)),
    said(rank=2**32 - 1, polygons=pb.PolygonsMask()),
    said(box=pb.BoxMask(x=1, y=2, width=10, height=0)),
    said(score=0.0, runs=pb.RunsMask(height=HEIGHT, width=WIDTH, counts=[100, 50, HEIGHT * WIDTH - 150])),
    ranking(3, 1, 2),
    ranking(),
    ranking(1, query=pb.ImageRef(id="q3")),
]

WRONG = {
    "nothing set": (pb.Item(), "INCOMPLETE", "item"),
    "no query": (pb.Item(prediction=pb.Prediction(image=IMAGE, no_mask=pb.NoMask())), "INCOMPLETE", "query"),
    "no image": (pb.Item(prediction=pb.Prediction(query=QUERY, no_mask=pb.NoMask())), "INCOMPLETE", "image"),
    "no mask": (said(score=1.0), "INCOMPLETE", "mask"),
    "ranking of nothing": (pb.Item(ranking=pb.Ranking(image_indices=[1])), "INCOMPLETE", "ranking.query"),
    "unknown query index": (prediction(4, 1), "UNKNOWN_QUERY", "query"),
    "empty query name": (
        pb.Item(prediction=pb.Prediction(query=pb.ImageRef(id=""), image=IMAGE, no_mask=pb.NoMask())),
        "UNKNOWN_QUERY",
        "query",
    ),
    "endless query name": (
        pb.Item(prediction=pb.Prediction(query=pb.ImageRef(id="q" * 9999), image=IMAGE, no_mask=pb.NoMask())),
        "UNKNOWN_QUERY",
        "query",
    ),
    "endless image name": (
        pb.Item(prediction=pb.Prediction(query=QUERY, image=pb.ImageRef(id="q" * 9999), no_mask=pb.NoMask())),
        "UNKNOWN_IMAGE",
        "image",
    ),
    "endless query name of a ranking": (ranking(query=pb.ImageRef(id="q" * 9999)), "UNKNOWN_QUERY", "query"),
    "unknown image name": (prediction(0, 99), "UNKNOWN_IMAGE", "image"),
    "unknown image in a ranking": (ranking(0, 12), "UNKNOWN_IMAGE", "ranking.image_indices"),
    "image twice in a ranking": (ranking(5, 5), "INVALID_ORDER", "ranking.image_indices"),
    "score is no number": (said(score=NAN, rle=rle()), "INVALID_ORDER", "score"),
    "score is infinite": (said(score=float("inf"), rle=rle()), "INVALID_ORDER", "score"),
    "counts are garbage": (
        said(rle=pb.RleMask(height=HEIGHT, width=WIDTH, counts=b"\xff\x00")),
        "INVALID_MASK",
        "mask.rle.counts",
    ),
    "counts are missing": (said(rle=pb.RleMask(height=HEIGHT, width=WIDTH)), "INVALID_MASK", "mask.rle.counts"),
    "no canvas": (said(rle=pb.RleMask(counts=b"0")), "INVALID_MASK", "mask.rle.size"),
    "no runs": (said(runs=pb.RunsMask(height=HEIGHT, width=WIDTH)), "INVALID_MASK", "mask.runs.counts"),
    "runs of another size": (
        said(runs=pb.RunsMask(height=HEIGHT, width=WIDTH, counts=[5])),
        "INVALID_MASK",
        "mask.runs.counts",
    ),
    "odd polygon": (said(polygons=polygon(1, 2, 3)), "INVALID_MASK", "mask.polygons[0]"),
    "one coordinate": (said(polygons=polygon(1)), "INVALID_MASK", "mask.polygons[0]"),
    "polygon with NaN": (said(polygons=polygon(1, NAN, 3, 4)), "INVALID_MASK", "mask.polygons[0]"),
    "box with NaN": (said(box=pb.BoxMask(x=NAN)), "INVALID_MASK", "mask.box"),
    "negative box": (said(box=pb.BoxMask(width=-1)), "INVALID_MASK", "mask.box"),
    "other canvas": (
        said(runs=pb.RunsMask(height=2, width=2, counts=[4])),
        "SIZE_MISMATCH",
        "mask.runs.size",
    ),
    "far polygon": (said(polygons=polygon(1, 1, 1e9, 5)), "LIMIT_EXCEEDED", "mask.polygons[0]"),
    "too many points": (said(polygons=polygon(*range(200))), "LIMIT_EXCEEDED", "mask.polygons"),
    "huge canvas": (
        said(rle=pb.RleMask(height=2**32 - 1, width=2**32 - 1, counts=b"0")),
        "LIMIT_EXCEEDED",
        "mask.rle.size",
    ),
    "unreadable": (said(unreadable=pb.UnreadableMask(detail="no such file")), "UNREADABLE", "mask"),
    "unreadable, no word why": (said(unreadable=pb.UnreadableMask()), "UNREADABLE", "mask"),
}


@pytest.mark.parametrize("item", SOUND, ids=lambda item: item.WhichOneof("item"))
async def test_every_sound_form_of_an_item_is_accepted(stub, item):
    response = await append(stub, await new_session(stub), 0, [item])
    assert list(response.rejections) == []
    assert response.ack.accepted_count == 1


async def test_every_fault_has_its_reason_and_its_field_and_disturbs_no_other_item(stub, truth, config):
    session = await new_session(stub)
    sound = submission()[24:]  # of other queries than the faults
    items = [each for pair in zip((item for item, _, _ in WRONG.values()), sound, strict=False) for each in pair]
    items += [item for item, _, _ in list(WRONG.values())[len(sound) :]]
    stream = Stream(stub, session)
    await stream.attach()
    await stream.send(0, items)
    messages = await stream.rest()
    found = {each.offset: each for message in messages for each in message.rejections.rejections}
    wrong = [items.index(item) for item, _, _ in WRONG.values()]
    assert sorted(found) == sorted(wrong)
    for offset, (name, (_, reason, field)) in zip(wrong, WRONG.items(), strict=True):
        rejection = found[offset]
        assert (pb.RejectionReason.Name(rejection.reason), rejection.field) == (f"REJECTION_REASON_{reason}", field), (
            name
        )
        assert rejection.message
        assert len(rejection.message) < 600
    assert messages[-1].ack.rejected_count == len(WRONG)
    listed = await stub.ListRejections(pb.ListRejectionsRequest(session=session))
    assert list(listed.rejections) == [found[offset] for offset in sorted(found)]
    local = Accumulator(truth, limits=config.mask_limits)
    local.add(read_items(items))
    response = await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=len(items)))
    assert response.report_json == report_bytes(local)


def test_every_reason_is_told_somewhere():
    told = {reason for _, reason, _ in WRONG.values()} | {"DUPLICATE"}
    known = {name.removeprefix("REJECTION_REASON_") for name in pb.RejectionReason.keys()}  # noqa: SIM118
    assert told == known - {"UNSPECIFIED"}


@pytest.mark.parametrize(
    ("first", "second", "reason", "field"),
    [
        (said(score=1.0, rle=rle()), said(score=2.0, rle=rle()), "DUPLICATE", "image"),
        (ranking(1, 2), ranking(2, 1), "DUPLICATE", "ranking.query"),
        (said(score=1.0, rle=rle()), ranking(1, 2), "INVALID_ORDER", "ranking"),
        (ranking(1, 2), said(score=1.0, rle=rle()), "INVALID_ORDER", "score"),
        (prediction(0, 2), said(rank=0, rle=rle()), "INVALID_ORDER", "rank"),
    ],
)
async def test_an_item_that_contradicts_an_accepted_one_is_refused(stub, first, second, reason, field):
    response = await append(stub, await new_session(stub), 0, [first, second])
    (rejection,) = response.rejections
    assert pb.RejectionReason.Name(rejection.reason) == f"REJECTION_REASON_{reason}"
    assert (rejection.offset, rejection.field) == (1, field)


async def test_a_rejection_repeats_the_names_that_the_client_gave(stub):
    items = [prediction(99, 3), ranking(99, query=pb.ImageRef(id="q1"))]
    first, second = (await append(stub, await new_session(stub), 0, items)).rejections
    assert (first.query, first.image) == ("99", "i3")
    assert (second.query, second.image) == ("q1", "")


async def test_distractors_may_be_ranked_and_predicted(stub):
    session = await new_session(stub, distractor_count=2)
    far = pb.Item(prediction=pb.Prediction(query=QUERY, image=pb.ImageRef(index=13), no_mask=pb.NoMask()))
    beyond = pb.Item(prediction=pb.Prediction(query=QUERY, image=pb.ImageRef(index=14), no_mask=pb.NoMask()))
    response = await append(stub, session, 0, [ranking(13, 12, 0), far, beyond])
    assert [rejection.offset for rejection in response.rejections] == [2]


async def test_a_ranking_of_a_million_images_is_taken(stub):
    session = await new_session(stub, distractor_count=1_000_000)
    response = await append(stub, session, 0, [ranking(*range(1_000_000, 12, -1), *range(12))])
    assert response.ack.accepted_count == 1


async def test_rejections_are_listed_page_by_page(stub):
    session = await new_session(stub)
    await append(stub, session, 0, [pb.Item(), prediction(0, 0), *[pb.Item()] * 6])
    offsets, token = [], ""
    while True:
        request = pb.ListRejectionsRequest(session=session, page_size=3, page_token=token)
        page = await stub.ListRejections(request)
        offsets.append([rejection.offset for rejection in page.rejections])
        if not (token := page.next_page_token):
            break
        foreign = pb.ListRejectionsRequest(session=await new_session(stub), page_token=token)
        error = await failing(stub.ListRejections(foreign))
        assert details(error)["BadRequest"].field_violations[0].field == "page_token"
    assert offsets == [[0, 2, 3], [4, 5, 6], [7]]


async def test_a_page_of_rejections_is_no_larger_than_clients_take(stub):
    session = await new_session(stub)
    refused = pb.Item(prediction=pb.Prediction(query=pb.ImageRef(id="q" * 250), image=pb.ImageRef(id="i" * 250)))
    for start in (0, 4000, 8000):
        await append(stub, session, start, [refused] * (4000 if start < 8000 else 1999))
    offsets, pages, token = [], 0, None
    while token != "":
        request = pb.ListRejectionsRequest(session=session, page_size=10_000, page_token=token)
        page = await stub.ListRejections(request)
        offsets += [rejection.offset for rejection in page.rejections]
        pages, token = pages + 1, page.next_page_token
        assert page.ByteSize() < 2**22
    assert offsets == [*range(9999)]
    assert pages > 2


async def test_an_ack_covers_no_rejections_that_this_stream_was_not_told(stub):
    stream = Stream(stub, await new_session(stub))
    await stream.attach()
    items = [pb.Item()] * 10
    await append(stub, stream.session, 0, items)
    await stream.send(0, items[:4])
    assert (await stream.receive("ack")).ack.committed_offset == 4
    await stream.send(4, items[4:])
    assert [each.offset for each in (await stream.receive()).rejections.rejections] == [*range(4, 10)]
    assert (await stream.receive()).ack.committed_offset == 10


async def test_rejections_in_any_number_arrive_before_the_ack_that_covers_them(stub):
    stream = Stream(stub, await new_session(stub))
    await stream.attach()
    for start in range(0, 6000, 1000):
        await stream.send(start, [pb.Item()] * 1000)
    seen = 0
    for message in await stream.rest():
        if message.HasField("rejections"):
            assert [rejection.offset for rejection in message.rejections.rejections] == list(
                range(seen, seen + len(message.rejections.rejections))
            )
            seen += len(message.rejections.rejections)
        else:
            assert message.ack.committed_offset <= seen
    assert seen == 6000
