"""From prepared tables to what the sheets show."""

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from pixret.browse._errors import BrowseError
from pixret.browse._findings import Findings, Pair
from pixret.browse._sheet import Album, Card, Group, Sheet
from pixret.browse._thumbnails import read_thumbnails
from pixret.metrics import GroundTruth, Item, JudgedPair, Level
from pixret.tables import StoredImage, read_ground_truth, read_manifest, read_stored

Groups = dict[Level, list[JudgedPair]]
Stored = tuple[tuple[StoredImage, ...], tuple[StoredImage, ...]]
"""Rows of the queries and of the index images."""


def collect_sheets(
    data: Path,
    benchmark: str | None = None,
    *,
    queries: Sequence[str] = (),
    limit: int = 12,
    side: int = 320,
    submission: Iterable[Item] | None = None,
    distractors: int = 0,
) -> Album:
    """Collect a sheet for each of the queries, by name or index; without any, for all.

    Of each level, the first `limit` images in the order of the ground truth are shown, or those that the submission
    ranks best, whose items must be such that one can iterate over them twice. Thumbnails have at most `side` pixels
    a side, those of queries half as many again. Raises TablesError, and BrowseError for what the caller can mend.
    """
    truth = read_ground_truth(data, benchmark)
    stored = read_stored(data, "queries", truth.benchmark), read_stored(data, "corpus", truth.benchmark)
    findings = None if submission is None else Findings(truth, submission, distractors)
    chosen = {query: _by_level(truth, query, findings) for query in _find_queries(truth, queries)}
    sheets = _sheets(stored, chosen, limit, findings)
    manifest = read_manifest(data, truth.benchmark)
    shown = {card.image.index: card.image for sheet in sheets for group in sheet.groups for card in group.cards}
    asked = [sheet.query for sheet in sheets]
    return Album(
        benchmark=truth.benchmark,
        counts=manifest.counts,
        limit=limit,
        annotations_only=manifest.annotations_only,
        accumulator=None if findings is None else findings.accumulator,
        sheets=sheets,
        queries=read_thumbnails(data, truth.benchmark, "queries", asked, side * 3 // 2),
        images=read_thumbnails(data, truth.benchmark, "corpus", shown.values(), side),
    )


def _find_queries(truth: GroundTruth, names: Sequence[str]) -> list[int]:
    if not names:
        return list(range(len(truth.query_ids)))
    return list(dict.fromkeys(_find_query(truth, name) for name in names))


def _find_query(truth: GroundTruth, name: str) -> int:
    if name in truth.query_index:
        return truth.query_index[name]
    if name.isdecimal() and int(name) < len(truth.query_ids):
        return int(name)
    close = get_close_matches(name, truth.query_ids)
    hint = f"; close to it are {', '.join(close)}" if close else f"; give a name, or 0 to {len(truth.query_ids) - 1}"
    raise BrowseError(f"{truth.benchmark} has no query {name!r:.80}{hint}")


def _by_level(truth: GroundTruth, query: int, findings: Findings | None) -> Groups:
    """The judged pairs of a query by level, in the order in which they are shown."""
    pairs = [pair for pair in truth.pairs if pair.query_index == query]
    if findings is not None:
        pairs.sort(key=lambda pair: findings.rank(_key(pair)) or math.inf)
    return {level: [pair for pair in pairs if pair.level is level] for level in Level}


def _key(pair: JudgedPair) -> Pair:
    return pair.query_index, pair.image_index


def _sheets(stored: Stored, chosen: Mapping[int, Groups], limit: int, findings: Findings | None) -> tuple[Sheet, ...]:
    queries, images = stored
    shown = [pair for groups in chosen.values() for pairs in groups.values() for pair in pairs[:limit]]
    found = {} if findings is None else findings.select({_key(pair): images[pair.image_index].size for pair in shown})

    def card(pair: JudgedPair) -> Card:
        mask = None if pair.label is None else pair.label.mask
        return Card(images[pair.image_index], pair.level, mask, found.get(_key(pair)))

    def group(level: Level, pairs: Sequence[JudgedPair]) -> Group:
        return Group(level, len(pairs), tuple(card(pair) for pair in pairs[:limit]))

    return tuple(
        Sheet(queries[query], tuple(group(level, pairs) for level, pairs in groups.items()), _miou(groups, findings))
        for query, groups in chosen.items()
    )


def _miou(groups: Groups, findings: Findings | None) -> float | None:
    """Mean over all positives of a query; None without a submission or a positive."""
    if findings is None:
        return None
    ious = [findings.iou(_key(pair)) for pairs in groups.values() for pair in pairs if pair.is_positive]
    return sum(ious) / len(ious) if ious else None
