"""The authors' folder: what it says, and where it contradicts itself."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pixret.loader._errors import PrepareError, Problem, ProblemKind
from pixret.loader._labels import LabelJob, LabelReading
from pixret.metrics import Level
from pixret.rawfiles import RAW_BENCHMARKS, Gnd, MissingFileError, RawBenchmark, RawCounts, read_gnd, read_pair_labels

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """The ground truth and the pair map of one benchmark, with the SHA-256 of both files by path."""

    root: Path
    raw: RawBenchmark
    gnd: Gnd
    label_paths: Mapping[Pair, str]
    digests: Mapping[str, str]

    def judged(self) -> Iterator[tuple[Pair, Level]]:
        """All judged pairs: per query easy, hard, junk, each in the order of the ground truth file."""
        for q, query in enumerate(self.gnd.queries):
            for level, images in zip(Level, (query.easy, query.hard, query.junk), strict=True):
                for image in images:
                    yield (q, image), level

    def positives(self) -> Iterator[tuple[Pair, Level]]:
        """The judged pairs that should have a label."""
        return ((pair, level) for pair, level in self.judged() if level is not Level.JUNK)

    def label_jobs(self) -> dict[Pair, LabelJob]:
        """The label files to read, by their pair."""
        return {
            pair: LabelJob(pair_name(pair), self.root / self.label_paths[pair], self.gnd.imlist[pair[1]])
            for pair, _ in self.positives()
            if pair in self.label_paths
        }

    def counts(self) -> RawCounts:
        """How much the ground truth holds."""
        levels = [level for _, level in self.judged()]
        totals = {level.name.lower(): levels.count(level) for level in Level}
        return RawCounts(queries=len(self.gnd.qimlist), images=len(self.gnd.imlist), **totals)


def pair_name(pair: Pair) -> str:
    """QUERY_IMAGE by index, as the authors name pairs."""
    return f"{pair[0]}_{pair[1]}"


def read_source(benchmark: str, root: Path) -> Source:
    """Read what names the labels. Raises PrepareError for an unknown benchmark, RawFileError for a file at fault."""
    if benchmark not in RAW_BENCHMARKS:
        raise PrepareError(f"no benchmark is called {benchmark}; there are {', '.join(RAW_BENCHMARKS)}, and r1m")
    if not root.is_dir():
        raise PrepareError(f"{root}: no such folder; give the authors' folder pixel_retrieval_benchmarks")
    raw = RAW_BENCHMARKS[benchmark]
    try:
        gnd, label_paths = read_gnd(root / raw.gnd), read_pair_labels(root / raw.pair_map)
    except MissingFileError as error:
        detail = f"{error.detail}; give the authors' folder, which holds {raw.gnd} and {raw.pair_map}"
        raise MissingFileError(error.path, detail) from error
    digests = {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in (raw.gnd, raw.pair_map)}
    return Source(root, raw, gnd, label_paths, digests)


def find_problems(source: Source, readings: Mapping[Pair, LabelReading]) -> list[Problem]:
    """List everything in which the files of a source contradict one another, in a fixed order."""
    return [
        *_unexpected_counts(source),
        *_unknown_pairs(source),
        *_label_problems(source, readings),
        *_size_conflicts(source, readings),
    ]


def _unexpected_counts(source: Source) -> Iterator[Problem]:
    raw, counts = source.raw, source.counts()
    if source.digests[raw.gnd] == raw.gnd_sha256 and counts != raw.counts:
        yield Problem(ProblemKind.COUNTS, None, f"{raw.gnd} is the published file, yet it reads as {counts}")


def _unknown_pairs(source: Source) -> Iterator[Problem]:
    levels = dict(source.judged())
    for pair in source.label_paths:
        reason = _why_unlabelled(pair, source, levels)
        if reason is not None:
            message = f"{source.raw.pair_map} has a label for it, but {reason}"
            yield Problem(ProblemKind.UNKNOWN_PAIR, pair_name(pair), message)


def _why_unlabelled(pair: Pair, source: Source, levels: Mapping[Pair, Level]) -> str | None:
    query, image = pair
    n_queries, n_images = len(source.gnd.qimlist), len(source.gnd.imlist)
    if query >= n_queries:
        return f"query {query} is out of range: {source.raw.gnd} has queries 0 to {n_queries - 1}"
    if image >= n_images:
        return f"index image {image} is out of range: {source.raw.gnd} has images 0 to {n_images - 1}"
    if pair not in levels:
        return f"{source.raw.gnd} does not judge it"
    return f"{source.raw.gnd} judges it as junk" if levels[pair] is Level.JUNK else None


def _label_problems(source: Source, readings: Mapping[Pair, LabelReading]) -> Iterator[Problem]:
    raw = source.raw
    for pair, level in source.positives():
        if pair in readings:
            yield from readings[pair].problems
        else:
            message = f"{raw.pair_map} has no label for it, and {raw.gnd} judges it as {level.name.lower()}"
            yield Problem(ProblemKind.MISSING_LABEL, pair_name(pair), message)


def _size_conflicts(source: Source, readings: Mapping[Pair, LabelReading]) -> Iterator[Problem]:
    first: dict[int, tuple[Pair, str]] = {}
    for pair, reading in readings.items():
        if reading.label is None:
            continue
        size = f"{reading.label.mask.width} x {reading.label.mask.height}"
        other, other_size = first.setdefault(pair[1], (pair, size))
        if size != other_size:
            image = source.gnd.imlist[pair[1]]
            message = f"its label says that image {image} has {size} pixels, and that of pair {pair_name(other)} says"
            yield Problem(ProblemKind.SIZE_CONFLICT, pair_name(pair), f"{message} {other_size}")
