"""From the authors' raw files to prepared tables."""

import hashlib
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from pixret.loader._errors import InconsistentSourceError, PrepareError, ProblemKind
from pixret.loader._labels import LabelReading
from pixret.loader._parallel import read_labels
from pixret.loader._publish import publish_folder
from pixret.loader._source import Pair, Source, find_problems, pair_name, read_source
from pixret.metrics import GroundTruth, JudgedPair, Protocol
from pixret.tables import (
    Counts,
    FileRecord,
    Manifest,
    corpus_batch,
    pairs_batch,
    qrels_batch,
    queries_batch,
    write_manifest,
    write_table,
)

_LIBRARIES = ("pixret", "numpy", "pyarrow", "pycocotools")

Progress = Callable[[int, int], None]


def prepare(
    benchmark: str,
    source: Path,
    out: Path,
    *,
    allow_missing: bool = False,
    jobs: int | None = None,
    on_progress: Progress | None = None,
) -> Manifest:
    """Make the tables of a benchmark, without images, in the folder ``out/benchmark``, which appears in one step.

    `source` is the authors' folder ``pixel_retrieval_benchmarks``. Labels are read in `jobs` processes, None for as
    many as there are cores, so a script that calls this needs the guard ``if __name__ == "__main__"``. `on_progress`
    is called with the number of labels read, and of all. With `allow_missing`, a positive pair without a label is
    kept without a mask and named in the manifest. The same files give the same bytes.

    Raises RawFileError for a file that cannot be read, InconsistentSourceError with all contradictions between the
    files, and PrepareError for what else the caller can mend. `out` is then as it was.
    """
    if jobs is not None and jobs < 1:
        raise PrepareError(f"{jobs} processes read nothing; give 1 or more, or None for as many as there are cores")
    raw = read_source(benchmark, source)
    with publish_folder(out, benchmark) as folder:
        label_jobs = raw.label_jobs()
        readings = dict(zip(label_jobs, read_labels(list(label_jobs.values()), jobs, on_progress), strict=True))
        problems = find_problems(raw, readings)
        refused = [one for one in problems if not (allow_missing and one.kind is ProblemKind.MISSING_LABEL)]
        if refused:
            raise InconsistentSourceError(source, refused)
        truth = _ground_truth(raw, readings)
        manifest = _manifest(raw, readings, truth, _write_tables(folder, raw, truth))
        write_manifest(folder, manifest)
    return manifest


def _ground_truth(source: Source, readings: Mapping[Pair, LabelReading]) -> GroundTruth:
    labels = {pair: reading.label for pair, reading in readings.items()}
    return GroundTruth(
        benchmark=source.raw.name,
        query_ids=source.gnd.qimlist,
        image_ids=source.gnd.imlist,
        pairs=tuple(JudgedPair(*pair, level, labels.get(pair)) for pair, level in source.judged()),
        ignored_queries=tuple(q for q in source.raw.ignored_queries if q < len(source.gnd.qimlist)),
    )


def _write_tables(folder: Path, source: Source, truth: GroundTruth) -> dict[str, FileRecord]:
    batches = {
        "queries": queries_batch(truth, [query.bbx for query in source.gnd.queries]),
        "corpus": corpus_batch(truth),
        "pairs": pairs_batch(truth),
        **{f"{protocol}-qrels": qrels_batch(truth, protocol) for protocol in Protocol},
    }
    return {path: file for table in batches for path, file in write_table(folder, table, [batches[table]]).items()}


def _manifest(
    source: Source, readings: Mapping[Pair, LabelReading], truth: GroundTruth, files: dict[str, FileRecord]
) -> Manifest:
    counts = source.counts()
    positives = [pair for pair in truth.pairs if pair.is_positive]
    return Manifest(
        benchmark=truth.benchmark,
        counts=Counts(counts.queries, counts.images, counts.easy, counts.hard, counts.junk),
        ground_truth=truth.digest,
        ignored_queries=truth.ignored_queries,
        annotations_only=True,
        missing_labels=tuple(_name(pair) for pair in positives if pair.label is None),
        empty_labels=tuple(_name(pair) for pair in positives if pair.label is not None and pair.label.fault),
        other_image_labels=tuple(pair_name(pair) for pair, reading in readings.items() if reading.names_other_image),
        files=files,
        sources=dict(source.digests),
        labels_sha256=_labels_digest(readings),
        versions=_versions(),
    )


def _name(pair: JudgedPair) -> str:
    return pair_name((pair.query_index, pair.image_index))


def _labels_digest(readings: Mapping[Pair, LabelReading]) -> str:
    """SHA-256 over the names of the pairs with the SHA-256 of their label files."""
    lines = (f"{pair_name(pair)} {reading.sha256}\n" for pair, reading in readings.items() if reading.label)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _versions() -> dict[str, str]:
    import cv2  # here, since it takes long to import; OpenCV comes in several distributions, so it is asked itself

    return {**{library: version(library) for library in _LIBRARIES}, "opencv": cv2.__version__}
