"""JSON submissions: one row a line, or COCO's list of results."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from pixret.metrics import NO_MASK, Prediction, Region
from pixret.submissions._rows import CocoMask, Index, Row, coco_box, coco_region, flat_polygons
from pixret.submissions._submission import Submission, SubmissionError


class CocoResult(msgspec.Struct):
    """A row of COCO's results format: `category_id` is the query's index, `image_id` an index or a name."""

    image_id: Index | str
    category_id: Index
    score: float
    segmentation: CocoMask | list[list[float]] | None = None
    bbox: list[float] | None = None

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
    """Read one JSON object a line; empty lines are passed over."""
    return Submission(lambda: _rows(path))


def read_coco_results(path: Path) -> Submission:
    """Read COCO's results: a JSON list of objects."""
    try:
        results = msgspec.json.decode(path.read_bytes(), type=list[CocoResult])
    except msgspec.DecodeError as error:
        raise SubmissionError(path, f"not COCO results: {error}") from None
    return Submission(lambda: (result.prediction() for result in results), len(results))


def _rows(path: Path) -> Iterator[Prediction]:
    decoder = msgspec.json.Decoder(Row)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield decoder.decode(line).prediction()
            except ValueError as error:  # msgspec's errors are ValueErrors too
                raise SubmissionError(path, f"line {number}: {error}") from None
