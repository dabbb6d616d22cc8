"""Outcomes of gates, for machines and for job summaries."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from pixret.reports._gates import Outcome, Verdict
from pixret.reports._markdown import escape, markdown_table, percent
from pixret.reports._report import ScoreReport

GATES_SCHEMA = "pixret.gates/1"
_MARKS = {Verdict.PASSED: "✅", Verdict.FAILED: "❌", Verdict.SKIPPED: "–"}
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def any_failed(outcomes: Sequence[Outcome]) -> bool:
    """Whether a gate failed."""
    return any(outcome.verdict is Verdict.FAILED for outcome in outcomes)


def summary(report: ScoreReport, outcomes: Sequence[Outcome]) -> str:
    """Say in a line how the gates ended."""
    count = Counter(outcome.verdict for outcome in outcomes)
    parts = [f"{count[verdict]} {verdict}" for verdict in Verdict if count[verdict]]
    return f"gates of {report.benchmark}: {', '.join(parts) or 'none'}"


def gates_json(report: ScoreReport, outcomes: Sequence[Outcome], notes: Sequence[str]) -> dict[str, Any]:
    """Outcomes as JSON values."""
    return {
        "schema": GATES_SCHEMA,
        "benchmark": report.benchmark,
        "signature": report.signature,
        "passed": not any_failed(outcomes),
        "notes": list(notes),
        "gates": [
            {
                "gate": outcome.gate,
                "metric": outcome.metric,
                "verdict": outcome.verdict.value,
                "value": outcome.value,
                "least": outcome.least,
                "baseline": outcome.baseline,
                "detail": outcome.detail,
            }
            for outcome in outcomes
        ],
    }


def gates_markdown(report: ScoreReport, outcomes: Sequence[Outcome], notes: Sequence[str]) -> str:
    """Outcomes as a section of Markdown, failures first, in percent."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.verdict is not Verdict.FAILED)
    rows = (
        (_MARKS[each.verdict], each.metric, *map(percent, (each.value, each.least, each.baseline)), each.detail)
        for each in ordered
    )
    table = markdown_table(("", "metric", "value, %", "at least", "baseline", "gate"), rows, right=(2, 3, 4))
    lines = "".join(f"\n{escape(note)}\n" for note in notes)
    return f"### {escape(summary(report, outcomes))}\n\n{table}{lines}\n`{report.signature.replace('`', '')}`\n"


def gates_junit(report: ScoreReport, outcomes: Sequence[Outcome]) -> bytes:
    """Outcomes as JUnit XML: a test case for each gate, its class the option that asked for it."""
    count = Counter(outcome.verdict for outcome in outcomes)
    suite = ET.Element(
        "testsuite",
        name=_printable(f"pixret gates of {report.benchmark}"),
        tests=str(len(outcomes)),
        failures=str(count[Verdict.FAILED]),
        errors="0",
        skipped=str(count[Verdict.SKIPPED]),
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="signature", value=_printable(report.signature))
    for outcome in outcomes:
        _add_case(suite, outcome)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add_case(suite: ET.Element, outcome: Outcome) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"pixret.{outcome.gate}", name=outcome.metric, time="0")
    said = _printable(f"{percent(outcome.value)} %, at least {percent(outcome.least)} %: {outcome.detail}")
    if outcome.verdict is Verdict.FAILED:
        ET.SubElement(case, "failure", message=said, type=outcome.gate).text = said
    elif outcome.verdict is Verdict.SKIPPED:
        ET.SubElement(case, "skipped", message=said)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
