"""Reports of random benchmarks, in their forms."""

import json
from dataclasses import dataclass, replace
from functools import cached_property

from cases import ground_truth, predictions, random_case

from pixret.metrics import Accumulator, report_bytes
from pixret.reports import parse_report

QUERIES = 14
IGNORED = (1, 5)


@dataclass(frozen=True)
class Scored:
    """A report as bytes, as JSON values and read back."""

    content: bytes

    @cached_property
    def data(self):
        return json.loads(self.content)

    @cached_property
    def report(self):
        return parse_report(self.content, "report.json")

    def changed(self, change):
        """Another report: this one after `change` of its JSON values."""
        data = json.loads(self.content)
        change(data)
        return Scored(json.dumps(data).encode())


def score(seed, *, points=True, share=1.0, ranked=True):
    """Score the first `share` of a submission to the benchmark of a seed."""
    queries = random_case(seed, queries=QUERIES)
    accumulator = Accumulator(ground_truth(queries, ignored=IGNORED))
    items = predictions(queries, points=points)
    items = items[: round(share * len(items))]
    assert accumulator.add(items if ranked else [replace(item, rank=None) for item in items]) == []
    return Scored(report_bytes(accumulator))
