"""Tables in Markdown, as job summaries show them."""

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Format a table of GitHub's Markdown; columns in `right` are aligned to the right."""
    rule = ("---:" if column in right else "---" for column in range(len(header)))
    return "".join(f"| {' | '.join(row)} |\n" for row in (header, tuple(rule), *(map(escape, row) for row in rows)))


def escape(text: str) -> str:
    """Keep text from ending a cell, a line or the Markdown around it."""
    for mark in ("\\", "`", "|", "*", "_", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def percent(value: float | None) -> str:
    """Format a number in [0, 1] in percent."""
    return "–" if value is None else f"{100 * value:.4f}"
