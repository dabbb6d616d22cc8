"""Peak memory of scoring a full submission, each way in a process of its own."""

import subprocess
import sys

from bench.timing import table

_PRELUDE = """
from pathlib import Path
from bench.case import full_case
from bench.scoring import bare_loop
from pixret.metrics import Accumulator, report_bytes
case = full_case()

def megabytes(key):
    return int(Path("/proc/self/status").read_text().split(key)[1].split()[0]) / 1024

Path("/proc/self/clear_refs").write_text("5")  # forget the peak of making the case
before = megabytes("VmRSS:")
"""
_REPORT = "print(round(megabytes('VmHWM:') - before))"
_WAYS = {
    "bare pycocotools loop": "bare_loop(case)",
    "Accumulator and report, one process": (
        "accumulator = Accumulator(case.truth); accumulator.add(case.predictions); report_bytes(accumulator)"
    ),
    "the same by nine more sessions that are kept": (
        "kept = [Accumulator(case.truth) for _ in range(10)]; [each.add(case.predictions) for each in kept]"
    ),
}


def measure() -> str:
    """The table of this module: megabytes at the peak, above what the case itself takes."""
    rows = [(name, _peak(script)) for name, script in _WAYS.items()]
    return table("Memory at the peak, above the case itself (Linux)", ("", "MB"), rows)


def _peak(script: str) -> str:
    command = [sys.executable, "-c", f"{_PRELUDE}\n{script}\n{_REPORT}"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
