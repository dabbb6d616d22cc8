"""JSON Lines and COCO results: what they mean, and what is said of those that cannot be read."""

import json

import pytest
from items import plain

import pixret.submissions._jsonl as jsonl
from pixret.metrics import NO_MASK, BoxRegion, Prediction, Rle, Runs, Unreadable
from pixret.submissions import SubmissionError, open_submission

NAMES = {"query_id": "q", "image_id": "i"}


@pytest.fixture
def written(tmp_path):
    """Write bytes or rows to a file of some ending, and open it."""

    def write(content, ending="jsonl"):
        path = tmp_path / f"submission.{ending}"
        if not isinstance(content, bytes):
            lines = [json.dumps(row) for row in content]
            text = "[" + ",".join(lines) + "]" if ending == "json" else "\n".join(lines)
            content = text.encode()
        path.write_bytes(content)
        return open_submission(path)

    return write


@pytest.mark.parametrize(
    ("fields", "region"),
    [
        ({}, NO_MASK),
        ({"segmentation": None, "polygons": None, "bbox": None}, NO_MASK),
        ({"segmentation": {"size": [4, 5], "counts": "d0"}}, Rle(4, 5, b"d0")),
        ({"segmentation": {"size": [4, 5], "counts": [3, 17]}}, Runs(4, 5, [3, 17])),
        ({"segmentation": {"size": [4, 5], "counts": "é"}}, Rle(4, 5, "é".encode())),
        ({"bbox": [1, 2, 3, 4.5]}, BoxRegion(1, 2, 3, 4.5)),
        ({"bbox": [1, 2, 3]}, Unreadable("bbox [1.0, 2.0, 3.0] is not [x, y, width, height]")),
        ({"segmentation": {"size": [4], "counts": "d0"}}, Unreadable("size [4] is not [height, width]")),
        ({"segmentation": {"size": [-4, 5], "counts": "d0"}}, Unreadable("size [-4, 5] is not [height, width]")),
        ({"segmentation": {"size": [4, 5], "counts": [3, -1]}}, Unreadable("run -1 is no length")),
        ({"segmentation": {"size": [4, 5], "counts": [2**32]}}, Unreadable(f"run {2**32} is no length")),
        ({"segmentation": {"size": [4, 5], "counts": "d0"}, "bbox": [0, 0, 1, 1]}, Rle(4, 5, b"d0")),
    ],
)
def test_where_a_row_sees_the_object(written, fields, region):
    assert [*written([NAMES | fields])] == [Prediction("q", "i", region)]


def test_polygons_are_points_and_an_odd_one_stays_to_be_refused_by_name(written):
    (item,) = written([NAMES | {"polygons": [[1, 2, 3, 4, 5, 6], [1, 2, 3], []], "bbox": [0, 0, 1, 1]}])
    expected = [[[1, 2], [3, 4], [5, 6]], [1, 2, 3], []]
    assert plain(item)[4] == ("Polygons", expected)


def test_names_orders_and_numbers(written):
    rows = [
        NAMES | {"score": 0.25},
        {"query_index": 0, "image_index": 2**32 - 1, "score": 3},
        {"query_id": "q", "query_index": 7, "image_id": "i", "image_index": 8, "rank": 0},
        NAMES | {"level": "easy", "area": 12.5},
        {"query_id": "Кремль", "image_id": "塔"},
    ]
    assert [*written(rows)] == [
        Prediction("q", "i", NO_MASK, 0.25),
        Prediction(0, 2**32 - 1, NO_MASK, 3.0),
        Prediction("q", "i", NO_MASK, None, 0),
        Prediction("q", "i", NO_MASK),
        Prediction("Кремль", "塔", NO_MASK),
    ]


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "JSONL"])
def test_byte_order_mark_crlf_and_blank_lines_mean_nothing(written, ending):
    row = json.dumps(NAMES).encode()
    content = b"\xef\xbb\xbf\r\n" + row + b"\r\n\r\n  \n" + row
    assert [*written(content, ending)] == 2 * [Prediction("q", "i", NO_MASK)]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\r\n \n"])
def test_an_empty_file_is_an_empty_submission(written, content):
    assert [*written(content)] == []


def test_a_submission_is_read_again_and_side_by_side(written):
    for ending in ("jsonl", "json"):
        rows = [{"image_id": i, "category_id": 0, "score": 1} for i in range(3)]
        submission = written(rows if ending == "json" else [NAMES] * 3, ending)
        assert [*map(plain, submission)] == [*map(plain, submission)]
        assert [plain(a) == plain(b) for a, b in zip(submission, submission, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            b'{"query_index": 0, "image_index": 0, "score": "best"}',
            "score is 'best': expected `float | null`, got `str`",
        ),
        (b'{"query_index": -1, "image_index": 0}', "query_index is -1: expected `int` >= 0"),
        (b'{"query_index": 0, "image_index": 4294967296}', "image_index is 4294967296: expected `int` <= 4294967295"),
        (b'{"query_index": 1.0, "image_index": 0}', "query_index is 1.0: expected `int | null`, got `float`"),
        (b'{"query_index": true, "image_index": 0}', "query_index is True: expected `int | null`, got `bool`"),
        (b'{"query_id": 3, "image_id": "i"}', "query_id is 3: expected `str | null`, got `int`"),
        (b'{"segmentation": {"size": [4, "5"], "counts": ""}}', "segmentation.size[1] is '5': expected `int`"),
        (b'{"segmentation": {"size": [4, 5]}}', "missing required field `counts` - at `$.segmentation`"),
        (b'{"segmentation": "d0"}', "segmentation is 'd0': expected `object | null`, got `str`"),
        (b'{"polygons": [[0, 1], [2, null]]}', "polygons[1][1] is None: expected `float`, got `null`"),
        (b'{"query_id": "q", "image_id": "i", "scores": 1}', "unknown field `scores`; a row has query_id, query_index"),
        (b'{"image_id": "i"}', "neither query_id nor query_index is given"),
        (b'{"query_id": "q", "score": 1}', "neither image_id nor image_index is given"),
        (b'{"query_id": "q", "image_id": "i", "score": 1, "rank": 2}', "score 1.0 and rank 2 are both given; give one"),
        (b'{"score": NaN}', "JSON is malformed: invalid character (byte 10), in '{\"score\": NaN}'; a row is"),
        (b'{"score": 1e999}', "Number out of range - at `$.score`, in '{\"score\": 1e999}'; a row is"),
        (b'{"query_id": "\xff"}', "'utf-8' codec can't decode"),
        (b'{"query_id": "q"', 'Input data was truncated, in \'{"query_id": "q"\'; a row is a JSON object in UTF-8'),
        (b"query_id,image_id", "JSON is malformed: invalid character (byte 0), in 'query_id,image_id'"),
        (b"[1, 2]", "got `array`; a row is a JSON object with query_id"),
        (b"null", "got `null`; a row is a JSON object with query_id"),
        (b"[" * 100_000, "a row is a JSON object"),
        (b'{"polygons": ' + b"[" * 100_000, "got `array` - at `$.polygons[0][0]`, in"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_value(written, line, message):
    good = json.dumps(NAMES).encode()
    items = iter(written(good + b"\n\n" + line))
    assert next(items) == Prediction("q", "i", NO_MASK)
    with pytest.raises(SubmissionError) as caught:
        next(items)
    text = str(caught.value)
    assert "submission.jsonl: line 3: " in text
    assert message in text
    assert len(text) < 600


def test_a_file_without_lines_does_not_fill_the_memory(written, monkeypatch):
    monkeypatch.setattr(jsonl, "MAX_LINE", 1000)
    fitting = json.dumps(NAMES).encode().ljust(999) + b"\n"
    with pytest.raises(SubmissionError, match=r"submission\.jsonl: line 2 is longer than 1000 bytes; write one row a"):
        [*written(fitting + b"x" * 1001)]


def test_a_long_line_within_the_limit_is_read(written):
    runs = [1] * 300_000
    (item,) = written([NAMES | {"segmentation": {"size": [500, 600], "counts": runs}}])
    assert item.region == Runs(500, 600, runs)


def test_coco_results(written):
    rows = [
        {"image_id": 3, "category_id": 1, "score": 0.5, "segmentation": {"size": [4, 5], "counts": "d0"}},
        {"image_id": "i", "category_id": 0, "score": 1, "bbox": [0, 1, 2, 3]},
        {"image_id": "i", "category_id": 0, "score": 1, "segmentation": {"size": [4, 5], "counts": [20]}},
        {"image_id": 4, "category_id": 0, "score": -1, "id": 9, "area": 2.5, "iscrowd": 0},
        {"image_id": 5, "category_id": 0, "score": 0, "segmentation": [[0, 1, 2, 3, 4, 5]], "bbox": [0, 1, 2, 3]},
    ]
    submission = written(rows, "json")
    *first, last = submission
    assert submission.count == 5
    assert first == [
        Prediction(1, 3, Rle(4, 5, b"d0"), 0.5),
        Prediction(0, "i", BoxRegion(0, 1, 2, 3), 1.0),
        Prediction(0, "i", Runs(4, 5, [20]), 1.0),
        Prediction(0, 4, NO_MASK, -1.0),
    ]
    assert plain(last) == (0, 5, 0.0, None, ("Polygons", [[[0, 1], [2, 3], [4, 5]]]))


def test_coco_results_may_be_none_and_begin_with_a_byte_order_mark(written):
    assert [*written(b"\xef\xbb\xbf[]\r\n", "json")] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Input data was truncated, in ''; a row is a JSON object in UTF-8"),
        (b"{}", "Expected `array`, got `object`; a row is a JSON object with image_id, category_id, score"),
        (b'[{"image_id": 1, "category_id": 0}]', "missing required field `score` - at `$[0]`; a row has image_id"),
        (
            b'[{"image_id": 1, "category_id": 0, "score": 1}, {"image_id": 1, "category_id": "q", "score": 1}]',
            "[1].category_id is 'q': expected `int`, got `str`",
        ),
        (b'[{"image_id": -1, "category_id": 0, "score": 1}]', "[0].image_id is -1: expected `int` >= 0"),
        (b'[{"image_id": 1, "category_id": 0, "score": null}]', "[0].score is None: expected `float`, got `null`"),
        (b'[{"image_id": 1, "category_id": 0, "score": 1, "segmentatoin": 1}]', "unknown field `segmentatoin`"),
        (b'[{"image_id": 1, "category_id": 0, "score": 1}', "Input data was truncated"),
    ],
)
def test_what_is_not_coco_results_is_named(written, content, message):
    with pytest.raises(SubmissionError) as caught:
        written(content, "json")
    assert "submission.json: not COCO results: " in str(caught.value)
    assert message in str(caught.value)
