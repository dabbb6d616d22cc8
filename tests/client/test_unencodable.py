"""What no message can carry: an item is named to the caller, and a mask arrives as one that could not be read."""

import numpy as np
import pytest
from scenarios import RLE

from pixret.client import UnencodableItemError
from pixret.metrics import BoxRegion, ItemError, Malformed, Mask, Polygons, Prediction, Ranking, Reason, Rle, Runs

ITEMS = [Prediction(0, image, RLE, score=0.5) for image in range(9)]

UNENCODABLE = [
    (Prediction(-1, 2, RLE), "query -1, image 2"),
    (Prediction(0, -2, RLE), "query 0, image -2"),
    (Prediction(0, 2**32, RLE), "query 0, image 4294967296"),
    (Prediction(0.5, 2, RLE), "query 0.5, image 2"),
    (Prediction("\ud800", 2, RLE), r"query '\ud800', image 2"),
    (Prediction(0, 2, RLE, rank=-1), "query 0, image 2"),
    (Prediction(0, 2, RLE, rank=2**32), "query 0, image 2"),
    (Prediction(0, 2, RLE, score="best"), "query 0, image 2"),
    (Prediction(0, 2, RLE, score=1.0, rank=1), "score 1.0 and rank 1 are both given; give one"),
    (Ranking(1, np.array([0, -1])), "ranking of query 1"),
    (Ranking(1, np.array([0.5])), "ranking of query 1"),
    (Ranking(1, np.array([[0, 1]])), "ranking of query 1"),
    (Malformed(ItemError(Reason.INCOMPLETE, "query", "torn"), "q"), "(query 'q'): torn"),
    ({"query_id": "q"}, "{'query_id': 'q'} is neither Prediction nor Ranking"),
    (None, "None is neither Prediction nor Ranking"),
]


@pytest.mark.parametrize(("item", "message"), UNENCODABLE)
def test_an_item_that_no_message_can_carry_is_named(client, item, message):
    session = client.create_session("small")
    with pytest.raises(UnencodableItemError) as caught:
        client.append(session.name, [*ITEMS[:4], item, *ITEMS[4:]], batch_items=3)
    assert str(caught.value).startswith("item 4")
    assert message in str(caught.value)
    assert str(caught.value).endswith("; mend it or leave it out")
    assert client.session(session.name).committed_offset == 3
    with pytest.raises(UnencodableItemError, match=r"^item 4 |^item 4:"):
        client.stream(session.name, [*ITEMS[:4], item, *ITEMS[4:]], batch_items=3).run()
    assert client.stream(session.name, ITEMS).run().accepted == len(ITEMS)


@pytest.mark.parametrize(
    "region",
    [
        Rle(-1, 5, b"0"),
        Rle(4, 2**32, b"0"),
        Rle(4, 5, "0"),
        Rle(4, 5, None),
        Runs(4, 5, [-1]),
        Runs(4, 5, [0.5]),
        Runs(4, 5, None),
        Rle(None, 5, b"0"),
        Runs(4, None, [1]),
        BoxRegion(None, 1, 2, 3),
        BoxRegion("x", 1, 2, 3),
        Polygons([[["a", "b"]]]),
        Polygons([[[1, 2], [3]]]),
        Polygons([np.zeros((2, 3))]),
        Polygons([[1.0, 2.0, 3.0, 4.0]]),
        Polygons([5.0]),
        Polygons(None),
        Mask.from_counts(RLE.counts, RLE.height, RLE.width),
        "nothing",
    ],
)
def test_a_mask_that_no_message_can_carry_arrives_as_unreadable(client, region):
    session = client.create_session("small")
    (rejection,) = client.append(session.name, [Prediction(0, 0, region, score=1.0)]).rejections
    assert (rejection.offset, rejection.reason, rejection.field) == (0, Reason.UNREADABLE, "mask")
    assert rejection.message.startswith("no message can carry the mask: ")


def test_numbers_of_numpy_are_numbers(client):
    session = client.create_session("small")
    item = Prediction(np.int64(0), np.uint8(1), Rle(np.int32(24), np.int64(32), RLE.counts), score=np.float32(0.5))
    assert client.append(session.name, [item, Ranking(np.int16(1), np.arange(3, dtype=np.int8))]).rejections == ()
