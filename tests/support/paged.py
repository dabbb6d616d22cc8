"""Small random benchmarks with their tables, a submission and its report, as pages are made of them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cases import ground_truth, predictions, random_case
from prepared import write_tables

from pixret.metrics import Accumulator, GroundTruth, Item, report_bytes
from pixret.pages import Evidence, Gallery, ReportPage, collect_evidence, write_report_page


@dataclass(frozen=True)
class Case:
    """A benchmark with tables that hold no images, a submission and the bytes of its report."""

    truth: GroundTruth
    items: Sequence[Item]
    content: bytes
    data: Path

    @property
    def gallery(self) -> Gallery:
        return Gallery(self.data, self.truth.benchmark)

    def changed(self, change: Callable[[Any], Any]) -> "Case":
        """The same with another report: this one after a change of its JSON values."""
        data = json.loads(self.content)
        change(data)
        return replace(self, content=json.dumps(data).encode())

    def with_items(self, items: Sequence[Item]) -> "Case":
        """The same benchmark with another submission, scored."""
        return replace(self, items=items, content=_score(self.truth, items))

    def evidence(self, pairs: int = 3) -> Evidence:
        return collect_evidence(self.content, self.truth, self.items, self.gallery, pairs=pairs)

    def write(self, path: Path, *, with_evidence: bool = True, **known: Any) -> Path:
        """Write the page."""
        evidence = self.evidence() if with_evidence else None
        write_report_page(ReportPage(self.content, "report.json", evidence=evidence, **known), path)
        return path


def make_case(seed: int, data: Path, ending: str = "", *, points: bool = True) -> Case:
    """Draw a case; the names of its queries and images get an ending."""
    queries = random_case(seed, queries=14)
    drawn = ground_truth(queries, ignored=(1, 5))
    query_ids, image_ids = (tuple(each + ending for each in some) for some in (drawn.query_ids, drawn.image_ids))
    truth = GroundTruth(drawn.benchmark, query_ids, image_ids, drawn.pairs, drawn.ignored_queries)
    write_tables(data, truth, [(0.0, 0.0, 9.0, 9.0)] * len(query_ids))
    items = predictions(queries, points=points)
    return Case(truth, items, _score(truth, items), data)


def _score(truth: GroundTruth, items: Sequence[Item]) -> bytes:
    accumulator = Accumulator(truth)
    accumulator.add(items)
    return report_bytes(accumulator)
