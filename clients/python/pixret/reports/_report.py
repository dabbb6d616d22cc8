"""A report read back: the schema of `pixret.metrics`' reports as typed records."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from pixret.metrics import SCHEMA, Protocol
from pixret.reports._errors import ReportError

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0)]
# An AP is a sum of areas and may pass 1 by its rounding.
Score = Annotated[float, msgspec.Meta(ge=0.0, le=1.0 + 1e-9)]
ByProtocol = Annotated[dict[Protocol, T], msgspec.Meta(min_length=len(Protocol))]
# The pattern has ten strings, "0.50" to "0.95", so a mapping of ten entries has them all.
Threshold = Annotated[str, msgspec.Meta(pattern=r"^0\.[5-9][05]$")]
ByThreshold = Annotated[dict[Threshold, T], msgspec.Meta(min_length=10)]


class TaskScores(msgspec.Struct, frozen=True):
    """Boxes or masks, in one protocol of one convention; `undefined` says why a number is None."""

    miou: Score | None
    map_50_95: Score | None
    map: ByThreshold[Score | None]
    undefined: str | None = None


class RankingScore(msgspec.Struct, frozen=True):
    """The mAP of the ranking alone."""

    map: Score | None


class ProtocolScores(msgspec.Struct, frozen=True):
    """One protocol of one convention."""

    detection: TaskScores
    segmentation: TaskScores
    ranking: RankingScore


class UndefinedPair(msgspec.Struct, frozen=True):
    """A positive pair, QUERY_IMAGE by index, for which the published scripts give no number."""

    pair: str
    query_id: str
    image_id: str
    reason: str


class ConventionScores(msgspec.Struct, frozen=True):
    """One convention; undefined pairs are a matter of the official one."""

    exact: bool
    protocols: ByProtocol[ProtocolScores]
    undefined_pairs: tuple[UndefinedPair, ...] = ()


class Conventions(msgspec.Struct, frozen=True):
    """Both conventions."""

    official: ConventionScores
    strict: ConventionScores


class QueryTask(msgspec.Struct, frozen=True):
    """What one query contributes to one task; None where it contributes nothing."""

    miou: Score | None
    ap: ByThreshold[Score | None]


class QueryConvention(msgspec.Struct, frozen=True):
    """What one query contributes under one convention."""

    detection: QueryTask
    segmentation: QueryTask


class QueryProtocol(msgspec.Struct, frozen=True):
    """What one query contributes in one protocol."""

    positives: Count
    predicted: Count
    ranking_ap: Score | None
    official: QueryConvention
    strict: QueryConvention


class QueryRecord(msgspec.Struct, frozen=True):
    """One query of a report."""

    query_id: str
    ignored_in_map: bool
    ranked: Count
    protocols: ByProtocol[QueryProtocol]


class Predictions(msgspec.Struct, frozen=True):
    """How many items there were."""

    received: Count
    accepted: Count
    rejected: Count


class RejectedItem(msgspec.Struct, frozen=True):
    """An item that does not count, and why; `image` is None where a ranking was refused."""

    offset: Count
    query: str
    image: str | None
    reason: str
    field: str
    message: str


class ScoreReport(msgspec.Struct, frozen=True):
    """A report. Keys that this version does not use are passed over: the schema may grow.

    `per_query` is empty where the ground truth is hidden.
    """

    benchmark: str
    signature: str
    predictions: Predictions
    coverage: ByProtocol[Score | None]
    conventions: Conventions
    rejections: tuple[RejectedItem, ...]
    rejections_left_out: Count
    per_query: tuple[QueryRecord, ...]

    @property
    def settings(self) -> Mapping[str, str]:
        """The parts of the signature by key."""
        return dict(part.partition(":")[::2] for part in self.signature.split("|"))


class _Versioned(msgspec.Struct):
    schema: str


def read_report(path: Path) -> ScoreReport:
    """Read a report that `pixret score --json` wrote. Raises ReportError, and OSError when there is no such file."""
    return parse_report(path.read_bytes(), str(path))


def parse_report(content: bytes, source: str) -> ScoreReport:
    """Read a report from its JSON; `source` names it in errors. Raises ReportError."""
    try:
        schema = msgspec.json.decode(content, type=_Versioned).schema
        if schema == SCHEMA:
            return msgspec.json.decode(content, type=ScoreReport)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ReportError(source, f"is not a report of pixret score --json: {error}") from None
    detail = f"has the schema {schema:.40}, and this version of pixret reads {SCHEMA}; score the submission again"
    raise ReportError(source, detail)
