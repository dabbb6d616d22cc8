"""A benchmark as a FiftyOne dataset."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixret.metrics import GroundTruth, JudgedPair, Level, Mask
from pixret.tables import ImageTable, StoredImage, read_ground_truth, read_images, read_stored
from pixret.views._errors import ViewError

if TYPE_CHECKING:
    import fiftyone

Box = tuple[int, int, int, int]


def to_fiftyone(
    data: Path, benchmark: str | None = None, *, media: Path, name: str | None = None, overwrite: bool = False
) -> "fiftyone.Dataset":
    """Make a FiftyOne dataset of prepared tables with images; without a name, of the only benchmark there.

    FiftyOne reads images from files, so those of the tables are written into the folder `media` as they are. Samples
    are tagged ``query`` or ``index``. A query has its box in the field ``query_box``. An index image has in
    ``positives`` an instance with a mask for each query whose object it shows, labelled with the query's name; in
    ``junk`` the queries for which it is junk, and in ``unlabelled`` those whose label is missing or empty. The dataset
    is called `name`, or as the benchmark, and is deleted with FiftyOne's session unless its ``persistent`` is set.

    Raises TablesError, and ViewError without FiftyOne, without an image, or when there is such a dataset already and
    `overwrite` is False.
    """
    try:
        import fiftyone
    except ImportError as error:
        raise ViewError("FiftyOne is not installed; pip install 'pixret[fiftyone]' brings it") from error
    truth = read_ground_truth(data, benchmark)
    queries = _write_media(data, truth.benchmark, "queries", media)
    images = _write_media(data, truth.benchmark, "corpus", media)
    title = name or truth.benchmark
    if not overwrite and fiftyone.dataset_exists(title):
        raise ViewError(f"FiftyOne has a dataset {title!r} already; pass overwrite=True, or another name")
    dataset = fiftyone.Dataset(title, overwrite=overwrite)
    dataset.info = {"benchmark": truth.benchmark, "ground_truth": truth.digest}
    dataset.add_samples([*_query_samples(fiftyone, queries), *_index_samples(fiftyone, truth, images)])
    return dataset


def _write_media(data: Path, benchmark: str, table: ImageTable, media: Path) -> dict[StoredImage, Path]:
    """Write the files of a table's images; returns their paths in the order of their index."""
    folder = media / benchmark / table
    folder.mkdir(parents=True, exist_ok=True)
    rows = read_stored(data, table, benchmark)
    paths = {}
    for index, content in read_images(data, table, range(len(rows)), benchmark):
        paths[rows[index]] = folder / _bare_name(rows[index], content, benchmark)
        paths[rows[index]].write_bytes(content or b"")
    return paths


def _bare_name(image: StoredImage, content: bytes | None, benchmark: str) -> str:
    if content is None or image.file_name is None:
        remedy = "prepare the benchmark with its images"
        raise ViewError(f"{benchmark}: the tables hold no image {image.name}, and FiftyOne shows images; {remedy}")
    if Path(image.file_name).name != image.file_name:
        raise ViewError(f"{benchmark}: {image.file_name!r:.80} is no bare file name; prepare the benchmark again")
    return image.file_name


def _query_samples(fiftyone: Any, queries: Mapping[StoredImage, Path]) -> Iterator[Any]:
    for query, path in queries.items():
        sample = _sample(fiftyone, query, path, "query")
        if query.bbox is not None and query.size is not None:
            box = _relative(query.bbox, query.size)
            sample["query_box"] = fiftyone.Detection(label=query.name, bounding_box=box)
        yield sample


def _index_samples(fiftyone: Any, truth: GroundTruth, images: Mapping[StoredImage, Path]) -> Iterator[Any]:
    judged: dict[int, list[JudgedPair]] = {}
    for pair in truth.pairs:
        judged.setdefault(pair.image_index, []).append(pair)
    for image, path in images.items():
        sample = _sample(fiftyone, image, path, "index")
        positives, unlabelled, junk = [], [], []
        for pair in judged.get(image.index, []):
            name = truth.query_ids[pair.query_index]
            mask = None if pair.label is None else pair.label.mask
            if not pair.is_positive:
                junk.append(fiftyone.Classification(label=name))
            elif mask is None or mask.box is None:
                unlabelled.append(fiftyone.Classification(label=name))
            else:
                positives.append(_instance(fiftyone, name, mask, mask.box, pair.level))
        sample["positives"] = fiftyone.Detections(detections=positives)
        sample["unlabelled"] = fiftyone.Classifications(classifications=unlabelled)
        sample["junk"] = fiftyone.Classifications(classifications=junk)
        yield sample


def _sample(fiftyone: Any, image: StoredImage, path: Path, tag: str) -> Any:
    metadata = fiftyone.ImageMetadata(width=image.width, height=image.height)
    return fiftyone.Sample(str(path.resolve()), metadata=metadata, tags=[tag], image_id=image.name, index=image.index)


def _instance(fiftyone: Any, name: str, mask: Mask, box: Box, level: Level) -> Any:
    """The object of a positive pair; FiftyOne has of a mask what lies in its box."""
    x, y, width, height = box
    return fiftyone.Detection(
        label=name,
        bounding_box=_relative(box, (mask.height, mask.width)),
        mask=mask.to_dense()[y : y + height, x : x + width],
        level=level.name.lower(),
    )


def _relative(box: Sequence[float], size: tuple[int, int]) -> list[float]:
    """A box [x, y, width, height] in shares of the image's size (height, width)."""
    return [value / size[1 - axis % 2] for axis, value in enumerate(box)]
