"""From the authors' raw files to prepared tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pyarrow as pa

from pixret.loader._describe import describe
from pixret.loader._errors import InconsistentSourceError, PrepareError
from pixret.loader._gallery import Gallery, read_gallery, scratch_folder
from pixret.loader._image_problems import find_boxes_beyond, find_image_problems
from pixret.loader._labels import CHUNK, WORTH_A_WORKER, LabelReading, read_label
from pixret.loader._parallel import Progress, run_jobs
from pixret.loader._places import StatedVariant, find_places
from pixret.loader._publish import publish_folder
from pixret.loader._source import Pair, Source, find_problems, read_source
from pixret.metrics import GroundTruth, JudgedPair, Protocol
from pixret.repository import check_describable, describe_repository
from pixret.tables import (
    FileRecord,
    Manifest,
    corpus_batch,
    fill_images,
    pairs_batch,
    qrels_batch,
    queries_batch,
    write_manifest,
    write_table,
)


def prepare(
    benchmark: str,
    source: Path,
    out: Path,
    *,
    images: Sequence[Path] | None = None,
    variant: StatedVariant | None = None,
    annotations_only: bool = False,
    allow_missing: bool = False,
    jobs: int | None = None,
    on_progress: Progress | None = None,
) -> Manifest:
    """Make the tables of a benchmark in the folder ``out/benchmark``, which appears in one step.

    `out` is a dataset repository: its card and metadata are then written anew, for all benchmarks in it.

    `source` is the authors' folder ``pixel_retrieval_benchmarks``. `images` are folders and archives; None means those
    beside `source`. `variant` says which release of the images is meant, and is what the manifest records. With
    `annotations_only` no image is read or stored.

    Labels and images are read in `jobs` processes, None for as many as there are cores, so a script that calls this
    needs the guard ``if __name__ == "__main__"``. With `allow_missing`, a positive pair without a label is kept without
    a mask, a row without an image stays empty, and the manifest names both. The same files give the same bytes.

    Raises RawFileError for a file that cannot be read, ArchiveError for an archive, InconsistentSourceError with all
    contradictions between the files, RepositoryError when a file is where the card or the metadata belongs, and
    PrepareError for what else the caller can mend. `out` is then as it was. Raises OSError when the card or the
    metadata cannot be written, which come last: the tables are then the new ones, and `push` refuses them.
    """
    check_describable(out)
    _check_options(images, variant, annotations_only=annotations_only, jobs=jobs)
    tell = on_progress or _tell_nobody
    raw = read_source(benchmark, source)
    places = None if annotations_only else find_places(raw.raw, source, images, variant)
    with publish_folder(out, benchmark) as folder, ExitStack() as stack:
        readings = _read_labels(raw, jobs, tell)
        gallery = None
        if places is not None:
            names = (*raw.gnd.qimlist, *raw.gnd.imlist)
            gallery = read_gallery(names, places, variant, stack.enter_context(scratch_folder(folder)), jobs, tell)
        _refuse_problems(raw, readings, gallery, allow_missing=allow_missing)
        truth = _ground_truth(raw, readings)
        files = _write_tables(folder, raw, truth, gallery, tell)
        record = None if gallery is None else gallery.record(find_boxes_beyond(raw, gallery))
        manifest = describe(raw, readings, truth, files, record)
        write_manifest(folder, manifest)
    describe_repository(out)
    return manifest


def _check_options(
    images: Sequence[Path] | None, variant: StatedVariant | None, *, annotations_only: bool, jobs: int | None
) -> None:
    if jobs is not None and jobs < 1:
        raise PrepareError(f"{jobs} processes read nothing; give 1 or more, or None for as many as there are cores")
    if annotations_only and (images is not None or variant is not None):
        raise PrepareError("annotations alone take no images and no variant of them; leave out one or the other")


def _tell_nobody(_doing: str, _done: int, _total: int) -> None:
    pass


def _read_labels(source: Source, workers: int | None, tell: Progress) -> dict[Pair, LabelReading]:
    jobs = source.label_jobs()
    readings = run_jobs(
        read_label,
        list(jobs.values()),
        workers,
        partial(tell, "reading labels"),
        worth_a_worker=WORTH_A_WORKER,
        chunk=CHUNK,
    )
    return dict(zip(jobs, readings, strict=True))


def _refuse_problems(
    source: Source, readings: Mapping[Pair, LabelReading], gallery: Gallery | None, *, allow_missing: bool
) -> None:
    problems = find_problems(source, readings)
    if gallery is not None:
        problems += find_image_problems(source, readings, gallery)
    refused = [problem for problem in problems if not (allow_missing and problem.kind.is_gap)]
    if refused:
        raise InconsistentSourceError(source.root, refused)


def _ground_truth(source: Source, readings: Mapping[Pair, LabelReading]) -> GroundTruth:
    labels = {pair: reading.label for pair, reading in readings.items()}
    return GroundTruth(
        benchmark=source.raw.name,
        query_ids=source.gnd.qimlist,
        image_ids=source.gnd.imlist,
        pairs=tuple(JudgedPair(*pair, level, labels.get(pair)) for pair, level in source.judged()),
        ignored_queries=tuple(q for q in source.raw.ignored_queries if q < len(source.gnd.qimlist)),
    )


def _write_tables(
    folder: Path, source: Source, truth: GroundTruth, gallery: Gallery | None, tell: Progress
) -> dict[str, FileRecord]:
    tables = {
        "queries": queries_batch(truth, [query.bbx for query in source.gnd.queries]),
        "corpus": corpus_batch(truth),
        "pairs": pairs_batch(truth),
        **{f"{protocol}-qrels": qrels_batch(truth, protocol) for protocol in Protocol},
    }
    names = {"queries": truth.query_ids, "corpus": truth.image_ids}
    records: dict[str, FileRecord] = {}
    for table, rows in tables.items():
        batches: Iterable[pa.RecordBatch] = [rows]
        if gallery is not None and table in names:
            batches = _told(fill_images(rows, gallery.files(names[table])), rows.num_rows, tell)
        records |= write_table(folder, table, batches)
    return records


def _told(batches: Iterable[pa.RecordBatch], total: int, tell: Progress) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in batches:
        yield batch
        done += batch.num_rows
        tell("writing images", done, total)
