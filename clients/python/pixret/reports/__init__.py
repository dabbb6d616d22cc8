"""Reports read back: gates that they must pass, and what one is worth beside another."""

from pixret.reports._comparable import check_comparable
from pixret.reports._comparison import Comparison, Difference, MetricComparison, QueryChange, compare
from pixret.reports._comparison_views import (
    COMPARISON_SCHEMA,
    comparison_json,
    comparison_markdown,
    interval,
    method,
)
from pixret.reports._errors import ReportError
from pixret.reports._gates import (
    DropLimit,
    Floor,
    Outcome,
    Verdict,
    check_drops,
    check_floors,
    read_drop_limits,
    read_floors,
)
from pixret.reports._markdown import markdown_table, percent
from pixret.reports._metric import CONVENTIONS, HEADLINE, METRICS, TASKS, Metric, Reading, find_metric
from pixret.reports._outcomes import GATES_SCHEMA, any_failed, gates_json, gates_junit, gates_markdown, summary
from pixret.reports._report import QueryProtocol, QueryRecord, QueryTask, ScoreReport, parse_report, read_report
from pixret.reports._resampling import Draws

__all__ = [
    "COMPARISON_SCHEMA",
    "CONVENTIONS",
    "GATES_SCHEMA",
    "HEADLINE",
    "METRICS",
    "TASKS",
    "Comparison",
    "Difference",
    "Draws",
    "DropLimit",
    "Floor",
    "Metric",
    "MetricComparison",
    "Outcome",
    "QueryChange",
    "QueryProtocol",
    "QueryRecord",
    "QueryTask",
    "Reading",
    "ReportError",
    "ScoreReport",
    "Verdict",
    "any_failed",
    "check_comparable",
    "check_drops",
    "check_floors",
    "compare",
    "comparison_json",
    "comparison_markdown",
    "find_metric",
    "gates_json",
    "gates_junit",
    "gates_markdown",
    "interval",
    "markdown_table",
    "method",
    "parse_report",
    "percent",
    "read_drop_limits",
    "read_floors",
    "read_report",
    "summary",
]
