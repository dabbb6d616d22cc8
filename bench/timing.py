"""Timing things side by side, and writing the figures down."""

import time
from collections.abc import Callable, Mapping, Sequence


def fastest(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of the fastest run of each, in rounds that take one after the other, so that noise meets all alike."""
    seconds = dict.fromkeys(contestants, float("inf"))
    for _ in range(rounds):
        for name, run in contestants.items():
            started = time.perf_counter()
            run()
            seconds[name] = min(seconds[name], time.perf_counter() - started)
    return seconds


def ratios(title: str, seconds: Mapping[str, float], pairs: int) -> str:
    """A table of times per pair, and as ratios to the first contestant."""
    base = next(iter(seconds.values()))
    rows = [(name, f"{1e6 * each / pairs:.1f}", f"{each / base:.2f}") for name, each in seconds.items()]
    return table(title, ("", "us a pair", "ratio"), rows)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table under a heading."""
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
