"""Arrow and Parquet: every way to store a column, and what is said of one that does not fit."""

import datetime as dt
import decimal
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from items import plain

from pixret.metrics import NO_MASK, BoxRegion, GroundTruth, JudgedPair, Label, Level, Mask, Prediction, Rle, Runs
from pixret.submissions import SubmissionError, open_submission, read_arrow
from pixret.submissions._columns import _COLUMNS
from pixret.submissions._rows import Row
from pixret.tables import SCHEMAS, pairs_batch

PAIR = {"query_index": [0], "image_index": [1]}
SIZE = pa.list_(pa.int32())
COUNTS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]


def table(**columns):
    return pa.table(PAIR | columns)


def masks(values, counts=None, size=SIZE):
    return pa.array(values, pa.struct({"size": size, "counts": counts or pa.string()}))


def test_the_columns_of_a_table_are_the_fields_of_a_row():
    assert tuple(_COLUMNS) == Row.__struct_fields__


@pytest.mark.parametrize("kind", COUNTS, ids=str)
def test_counts_are_text_or_bytes(kind):
    values = [{"size": [4, 5], "counts": "d0"}]
    column = pa.StructArray.from_arrays([pa.array([[4, 5]], SIZE), pa.array(["d0"]).cast(kind)], ["size", "counts"])
    assert values == [{"size": each["size"], "counts": "d0"} for each in column.to_pylist()]
    assert [*read_arrow(table(segmentation=column))] == [Prediction(0, 1, Rle(4, 5, b"d0"))]


def test_counts_may_be_a_list_of_runs_and_sizes_of_any_integer_type():
    for size in (pa.list_(pa.int64()), pa.large_list(pa.uint8()), pa.list_(pa.int16(), 2)):
        column = masks([{"size": [4, 5], "counts": [3, 17]}], pa.list_(pa.uint32()), size)
        assert [*read_arrow(table(segmentation=column))] == [Prediction(0, 1, Runs(4, 5, [3, 17]))]


def test_counts_that_are_no_text_go_on_to_be_refused_by_name():
    column = masks([{"size": [4, 5], "counts": b"\xff\x00"}], pa.binary())
    assert [*read_arrow(table(segmentation=column))] == [Prediction(0, 1, Rle(4, 5, b"\xff\x00"))]


def test_dictionary_encoded_columns_are_read(tmp_path):
    names = pa.array(["q", "q", "é"]).dictionary_encode()
    counts = pa.array([b"d0", b"d0", b"e0"]).dictionary_encode()
    column = pa.StructArray.from_arrays([pa.array([[4, 5]] * 3, SIZE), counts], ["size", "counts"])
    encoded = pa.table({"query_id": names, "image_id": names, "segmentation": column})
    expected = [Prediction(name, name, Rle(4, 5, data)) for name, data in zip("qqé", counts.to_pylist(), strict=True)]
    assert [*read_arrow(encoded)] == expected
    pq.write_table(encoded, tmp_path / "a.parquet")
    assert [*open_submission(tmp_path / "a.parquet")] == expected


@pytest.mark.parametrize("name", [name for name in _COLUMNS if name not in PAIR])
def test_a_column_may_be_null_throughout(name):
    assert [*read_arrow(table(**{name: pa.nulls(1)}))] == [Prediction(0, 1, NO_MASK)]


def test_nulls_among_masks_find_nothing():
    column = masks([None, {"size": [4, 5], "counts": "d0"}, None])
    items = [*read_arrow(pa.table({"query_index": [0] * 3, "image_index": [0, 1, 2], "segmentation": column}))]
    assert [item.region for item in items] == [NO_MASK, Rle(4, 5, b"d0"), NO_MASK]
    assert [*map(plain, read_arrow(pa.table({"query_index": [0], "image_index": [9]})))] == [
        (0, 9, None, None, NO_MASK)
    ]


def test_a_slice_is_read_from_where_it_begins():
    column = masks([{"size": [4, i], "counts": "d0"} for i in range(5)])
    whole = pa.table({"query_index": range(5), "image_index": range(5), "segmentation": column})
    assert [*read_arrow(whole.slice(3))] == [Prediction(i, i, Rle(4, i, b"d0")) for i in (3, 4)]


@pytest.mark.parametrize(("kind", "value"), [("int8", 1), ("uint64", 1), ("float16", 1.0), ("float32", 1.0)])
def test_a_score_is_any_number(kind, value):
    (item,) = read_arrow(table(score=pa.array([1]).cast(kind) if kind != "float16" else pa.array([1.0], pa.float16())))
    assert item.score == value


def test_a_score_that_is_no_number_goes_on_to_be_refused_by_name():
    (item,) = read_arrow(table(score=[float("nan")]))
    assert np.isnan(item.score)


UNFIT = [
    ("score", pa.array(["best"]), "column score has type string; it takes numbers, so cast it"),
    ("score", pa.array([True]), "column score has type bool; it takes numbers"),
    ("score", pa.array([decimal.Decimal("0.5")]), "column score has type decimal128"),
    ("rank", pa.array([0.0]), "column rank has type double; it takes integers, so cast it"),
    ("query_index", pa.array([0.0]), "column query_index has type double; it takes integers, so cast it"),
    ("query_id", pa.array([7]), "column query_id has type int64; it takes strings, so cast it"),
    ("image_id", pa.array([b"i"]), "column image_id has type binary; it takes strings"),
    ("image_id", pa.array([dt.date(2020, 1, 1)]), "column image_id has type date32"),
    ("segmentation", pa.array(["d0"]), "column segmentation has type string; it takes a struct of size"),
    ("segmentation", pa.array([{"size": [1, 2]}]), "it takes a struct of size"),
    ("segmentation", pa.array([{"size": [1, 2], "counts": "2", "score": 1}]), "it takes a struct of size"),
    ("segmentation", masks([{"size": [1.0, 2.0], "counts": "2"}], size=pa.list_(pa.float32())), "it takes a struct of"),
    ("segmentation", masks([{"size": [1, 2], "counts": [2.0]}], pa.list_(pa.float64())), "it takes a struct of size"),
    ("segmentation", masks([{"size": [1, 2], "counts": 2}], pa.int32()), "it takes a struct of size"),
    ("polygons", pa.array([[1.0, 2.0]]), "column polygons has type list<"),
    ("polygons", pa.array(["[[1, 2]]"]), "column polygons has type string"),
    ("bbox", pa.array([["1", "2"]]), "it takes lists of numbers"),
    ("bbox", pa.array([{"x": 1}]), "column bbox has type struct<x: int64>; it takes lists of numbers"),
    ("level", pa.array([1.5]), "column level has type double; it takes strings or integers"),
    ("confidence", pa.array([1.5]), "unknown columns confidence; a submission has query_id, query_index, image_id"),
]


@pytest.mark.parametrize(("name", "column", "message"), UNFIT)
def test_a_column_that_does_not_fit_is_refused_at_once_by_name(tmp_path, name, column, message):
    pq.write_table(table(**{name: column}), tmp_path / "a.parquet")
    for where, read in (
        ("table", lambda: read_arrow(table(**{name: column}))),
        (str(tmp_path / "a.parquet"), lambda: open_submission(tmp_path / "a.parquet")),
    ):
        with pytest.raises(SubmissionError) as caught:
            read()
        assert str(caught.value).startswith(f"{where}: ")
        assert message in str(caught.value)


FAULTY = [
    ({"query_index": [0, -1]}, "row 1: query_index is -1: expected `int` >= 0"),
    ({"image_index": pa.array([0, 2**40])}, f"row 1: image_index is {2**40}: expected `int` <= 4294967295"),
    ({"query_index": [0, None]}, "row 1: neither query_id nor query_index is given"),
    ({"score": [0.5, 0.5], "rank": [None, 1]}, "row 1: score 0.5 and rank 1 are both given; give one"),
    ({"bbox": [None, [0.0, 1.0, None, 2.0]]}, "row 1: bbox[2] is None: expected `float`, got `null`"),
    ({"polygons": [[], [[0.0, None]]]}, "row 1: polygons[0][1] is None: expected `float`, got `null`"),
    ({"polygons": [[], [None]]}, "row 1: polygons[0] is None: expected `array`, got `null`"),
    (
        {"segmentation": masks([None, {"size": None, "counts": "2"}])},
        "row 1: segmentation.size is None: expected `array`, got `null`",
    ),
    ({"segmentation": masks([None, {"size": [1, None], "counts": "2"}])}, "row 1: segmentation.size[1] is None"),
    ({"segmentation": masks([None, {"size": [1, 2], "counts": None}])}, "row 1: segmentation.counts is None"),
    (
        {"segmentation": masks([None, {"size": [1, None], "counts": b"\xff"}], pa.binary())},
        "row 1: segmentation.size[1] is None",
    ),
    (
        {"segmentation": masks([None, {"size": [1, 2], "counts": [1, None]}], pa.list_(pa.int64()))},
        "row 1: segmentation.counts[1] is None: expected `int`, got `null`",
    ),
]


@pytest.mark.parametrize(("columns", "message"), FAULTY)
def test_a_row_that_does_not_fit_is_named_with_its_value(columns, message):
    items = iter(read_arrow(pa.table({"query_index": [0, 1], "image_index": [0, 1]} | columns)))
    next(items)
    with pytest.raises(SubmissionError) as caught:
        next(items)
    assert f"table: {message}" in str(caught.value)


def test_missing_and_repeated_columns():
    with pytest.raises(SubmissionError, match="has neither column query_id nor query_index; one of them names the"):
        read_arrow(pa.table({"image_id": ["i"]}))
    with pytest.raises(SubmissionError, match="has neither column image_id nor image_index"):
        read_arrow(pa.table({"query_id": ["q"]}))
    repeated = pa.Table.from_arrays([pa.array([0])] * 3, ["query_index", "image_index", "query_index"])
    with pytest.raises(SubmissionError, match="columns query_index come more than once; drop all but one"):
        read_arrow(repeated)


def test_text_that_is_no_text(tmp_path):
    broken = pa.array([b"\xff"]).view(pa.string())
    with pytest.raises(SubmissionError, match="table: row 0 or one after it cannot be read: 'utf-8' codec"):
        [*read_arrow(pa.table({"query_id": broken, "image_index": [0]}))]


def test_what_is_no_parquet_file(tmp_path):
    for content in (b"", b"PAR1", b"not parquet at all", b"PAR1" + bytes(100) + b"PAR1"):
        (tmp_path / "a.parquet").write_bytes(content)
        with pytest.raises(SubmissionError, match=r"a\.parquet: not a Parquet file: "):
            open_submission(tmp_path / "a.parquet")


def test_a_parquet_file_that_is_damaged_inside(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(table(image_id=["i"]), path, compression="zstd")
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(data)
    with pytest.raises(SubmissionError, match=r"a\.parquet: row 0 or one after it cannot be read"):
        [*open_submission(path)]


def test_an_empty_table_is_an_empty_submission(tmp_path):
    empty = pa.table(PAIR).slice(0, 0)
    pq.write_table(empty, tmp_path / "a.parquet")
    for submission in (read_arrow(empty), open_submission(tmp_path / "a.parquet")):
        assert (submission.count, [*submission]) == (0, [])


def test_a_table_is_read_again_and_side_by_side(tmp_path):
    rows = pa.table({"query_index": [0] * 3000, "image_index": range(3000), "score": [0.5] * 3000})
    pq.write_table(rows, tmp_path / "a.parquet")
    for submission in (read_arrow(rows), open_submission(tmp_path / "a.parquet")):
        assert submission.count == 3000
        assert all(a == b for a, b in zip(submission, submission, strict=True))
        assert len([*submission]) == 3000


def test_the_table_of_ground_truth_pairs_is_a_submission(tmp_path):
    outline = np.array([[2.0, 2.0], [9.0, 2.0], [9.0, 7.0]])
    label = Label(Mask.from_polygons([outline], 10, 12), (outline,))
    pairs = (JudgedPair(0, 1, Level.EASY, label), JudgedPair(0, 0, Level.JUNK, None))
    batch = pairs_batch(GroundTruth("tiny", ("q",), ("a", "b"), pairs))
    pq.write_table(pa.Table.from_batches([batch], SCHEMAS["pairs"]), tmp_path / "a.parquet")
    items = {item.image: item.region for item in open_submission(tmp_path / "a.parquet")}
    assert items == {"b": Rle(10, 12, label.mask.counts), "a": NO_MASK}


COORDINATES = st.floats(-1e6, 1e6)
INDICES = st.integers(0, 2**32 - 1)
ROWS = st.fixed_dictionaries(
    {
        "query_index": INDICES,
        "image_id": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        "score": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "segmentation": st.none()
        | st.fixed_dictionaries({"size": st.lists(INDICES, max_size=3), "counts": st.text("0123lmno", max_size=9)}),
        "polygons": st.none() | st.lists(st.lists(COORDINATES, max_size=7), max_size=3),
        "bbox": st.none() | st.lists(COORDINATES, max_size=5),
        "level": st.none() | st.integers(0, 2),
    }
)
SCHEMA = pa.schema(
    {
        "query_index": pa.int64(),
        "image_id": pa.string(),
        "score": pa.float64(),
        "segmentation": pa.struct({"size": pa.list_(pa.int64()), "counts": pa.string()}),
        "polygons": pa.list_(pa.list_(pa.float64())),
        "bbox": pa.list_(pa.float64()),
        "level": pa.int64(),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, max_size=6))
def test_a_table_means_the_same_in_every_form(tmp_path, rows):
    arrow = pa.Table.from_pylist(rows, SCHEMA)
    pq.write_table(arrow, tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    expected = [*map(plain, read_arrow(arrow))]
    assert [*map(plain, open_submission(tmp_path / "a.parquet"))] == expected
    assert [*map(plain, open_submission(tmp_path / "a.jsonl"))] == expected
    assert len(expected) == len(rows)


def test_boxes_of_integers_are_boxes():
    assert [*read_arrow(table(bbox=pa.array([[1, 2, 3, 4]], pa.list_(pa.int32()))))] == [
        Prediction(0, 1, BoxRegion(1, 2, 3, 4))
    ]
