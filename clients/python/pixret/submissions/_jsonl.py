"""JSON submissions: one row a line, or COCO's list of results."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from reprlib import repr as bounded_repr

import msgspec

from pixret.metrics import NO_MASK, Prediction, Region
from pixret.submissions._rows import CocoMask, Index, Row, coco_box, coco_region, describe_fault, flat_polygons
from pixret.submissions._submission import Submission, SubmissionError

MAX_LINE = 2**28
"""Bytes of one row: beyond that, a file has no lines, and reading on would take all memory."""


class CocoResult(msgspec.Struct, forbid_unknown_fields=True):
    """A row of COCO's results format: `category_id` is the query's index, `image_id` an index or a name.

    `id`, `area` and `iscrowd`, which tools add, are taken and not used; any other key is refused as misspelt.
    """

    image_id: Index | str
    category_id: Index
    score: float
    segmentation: CocoMask | list[list[float]] | None = None
    bbox: list[float] | None = None
    id: int | str | None = None
    area: float | None = None
    iscrowd: int | bool | None = None

    def prediction(self) -> Prediction:
        """The prediction that the row stands for; a segmentation goes before a box."""
        return Prediction(self.category_id, self.image_id, self._region(), self.score)

    def _region(self) -> Region:
        match self.segmentation:
            case CocoMask(size=size, counts=counts):
                return coco_region(size, counts)
            case list(polygons):
                return flat_polygons(polygons)
        return NO_MASK if self.bbox is None else coco_box(self.bbox)


def read_jsonl(path: Path) -> Submission:
    """Read one JSON object a line; empty lines are passed over, and so is a byte order mark."""
    return Submission(lambda: _rows(path))


def read_coco_results(path: Path) -> Submission:
    """Read COCO's results: a JSON list of objects."""
    data = path.read_bytes().removeprefix(BOM_UTF8)
    try:
        results = msgspec.json.decode(data, type=list[CocoResult])
    except ValueError as error:  # msgspec's errors are ValueErrors too
        raise SubmissionError(path, f"not COCO results: {_fault(error, data, CocoResult)}") from None
    return Submission(lambda: (result.prediction() for result in results), len(results))


def _rows(path: Path) -> Iterator[Prediction]:
    decoder = msgspec.json.Decoder(Row)
    for number, line in _lines(path):
        try:
            yield decoder.decode(line).prediction()
        except ValueError as error:
            raise SubmissionError(path, f"line {number}: {_fault(error, line, Row)}") from None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not empty, with their numbers from 1."""
    with path.open("rb") as file:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            file.seek(0)
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise SubmissionError(path, f"line {number} is longer than {MAX_LINE} bytes; write one row a line")
            if line := line.strip():
                yield number, line


def _fault(error: ValueError, data: bytes, row: type[msgspec.Struct]) -> str:
    """Say what is wrong with JSON text, and what belongs there."""
    text = str(error)
    if "unknown field" in text or "required field" in text:
        return f"{text}; a row has {', '.join(row.__struct_fields__)}"
    try:
        values = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return f"{text}, in {bounded_repr(data[:80].decode('utf-8', 'replace'))}; a row is a JSON object in UTF-8"
    if not isinstance(values, (dict, list)) or "- at" not in text:
        return f"{text}; a row is a JSON object with {', '.join(row.__struct_fields__)}"
    return describe_fault(error, values)
