"""A report that may be published: complete, of a known benchmark, and with its signature checked."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pixret.publishing._errors import PublishError
from pixret.rawfiles import RAW_BENCHMARKS
from pixret.reports import METRICS, Metric, ScoreReport, parse_report
from pixret.repository import LEADERBOARD_PROTOCOLS, TITLES, EvaluationTask, evaluation_tasks
from pixret.signing import VerifyingKey, signature_path, verify_report

PUBLISHED = tuple(
    metric
    for metric in METRICS.values()
    if metric.convention == "strict" and metric.protocol in LEADERBOARD_PROTOCOLS and "@" not in metric.number
)
"""What is published as a number: in the strict convention, for the protocols of the leaderboards."""


@dataclass(frozen=True, slots=True)
class Result:
    """A report, its bytes, and, where it is signed, the signature file and the fingerprint of the key."""

    report: ScoreReport
    content: bytes
    signature: bytes | None = None
    key: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the report, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def tasks(self) -> tuple[EvaluationTask, ...]:
        """Tasks of the benchmark, as the dataset's eval.yaml declares them."""
        return evaluation_tasks(self.report.benchmark)

    @property
    def title(self) -> str:
        """Name of the benchmark in prose."""
        return TITLES[self.report.benchmark]

    @property
    def report_path(self) -> str:
        """Where the report lies in a model repository; its signature lies beside it."""
        return f"pixret/{self.report.benchmark}.json"

    def percent(self, metric: Metric) -> float:
        """A published number in percent, in as many digits as `pixret gate` shows."""
        value = metric.read(self.report).value
        if value is None:
            raise PublishError(metric.path, "is undefined, and a published number never is")
        return round(100 * value, 4)


def read_result(path: Path, *, key: VerifyingKey | None = None, signature: Path | None = None) -> Result:
    """Read a report, and check the signature beside it, or in the file `signature`, with a public key.

    Raises:
        PublishError: when it may not be published, or is signed and no key was given.
        ReportError: when it is no report.
        SigningError: when its signature is not that of the key.
    """
    content, source = path.read_bytes(), str(path)
    signed = signature or signature_path(path)
    if key is None and (signature is not None or signed.exists()):
        raise PublishError(str(signed), "is its signature; name the public key that checks it (--key), or move it away")
    if key is None:
        return _checked(Result(parse_report(content, source), content), source)
    proof = signed.read_bytes()
    found = verify_report(content, proof, key, source)
    return _checked(Result(parse_report(content, source), content, proof, found.key), source)


def _checked(result: Result, source: str) -> Result:
    report = result.report
    if not result.tasks:
        known = ", ".join(RAW_BENCHMARKS)
        raise PublishError(source, f"is of the benchmark {report.benchmark:.40}, and there are leaderboards of {known}")
    if not report.predictions.accepted:
        raise PublishError(source, "has no accepted prediction; score a submission")
    distractors = report.settings.get("distractors", "not told")
    if distractors != "0":
        detail = f"its number of distractors is {distractors}, and the leaderboards' is 0; score it without"
        raise PublishError(source, detail)
    readings = ((metric.path, *metric.read(report)) for metric in PUBLISHED)
    undefined = [f"{metric} ({reason})" for metric, value, reason in readings if value is None]
    if undefined:
        raise PublishError(source, f"cannot be published, since it leaves undefined: {', '.join(undefined)}")
    return result
