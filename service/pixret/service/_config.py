"""What the server allows."""

from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from pixret.metrics import DEFAULT_LIMITS, MAX_COORDINATE, MAX_PIXELS, MaskLimits, usable_cores
from pixret.service._logs import LogFormat, LogLevel


def split(value: object) -> object:
    """A text from the environment or a flag as its parts."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _check_endpoint(value: str) -> str:
    """A URL of a host and a port."""
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.hostname or url.port is None:
        raise ValueError("it reads http://HOST:PORT or https://HOST:PORT")
    if url.username is not None or url.path.strip("/") or url.query or url.fragment:
        raise ValueError("it has nothing beside host and port; what lets in goes to OTEL_EXPORTER_OTLP_HEADERS")
    return value


_Endpoint = Annotated[str, AfterValidator(_check_endpoint)]
_MAX_UINT32 = 2**32 - 1  # of the fields that tell clients of a limit
_Texts = Annotated[tuple[str, ...], BeforeValidator(split)]


class ServiceConfig(BaseModel):
    """Limits, paces and defences of a server; seconds where a number is a time, None where there is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    workers: PositiveInt | None = Field(
        default=None, description="threads, and processes for points; by default one a core"
    )
    grace: float = Field(default=5.0, ge=0, description="how long streams may go on once the server is asked to stop")
    min_snapshot_interval: PositiveFloat = Field(default=0.1, description="the least time between unasked snapshots")
    keep_masks: bool = Field(
        default=False, description="write items as they came into the state, beside their outcomes"
    )

    max_message_bytes: PositiveInt = Field(
        default=4 * 2**20, le=2**31 - 1, description="bytes of one serialized request"
    )
    max_batch_items: PositiveInt = Field(default=4096, le=_MAX_UINT32, description="items in one batch")
    max_mask_runs: PositiveInt = Field(default=DEFAULT_LIMITS.max_runs, le=_MAX_UINT32, description="runs of one mask")
    max_mask_pixels: PositiveInt = Field(
        default=DEFAULT_LIMITS.max_pixels, le=MAX_PIXELS, description="height x width of one mask"
    )
    max_coordinate: PositiveFloat = Field(
        default=DEFAULT_LIMITS.max_coordinate,
        le=MAX_COORDINATE,
        description="greatest absolute coordinate of a polygon or box, in pixels",
    )
    max_polygon_points: PositiveInt = Field(
        default=DEFAULT_LIMITS.max_points, le=_MAX_UINT32, description="points of one item's polygons"
    )
    max_outline_rows: PositiveInt = Field(
        default=DEFAULT_LIMITS.max_outline_rows,
        description="rows that the lines of one item's polygons cross, counted anew for every line",
    )
    max_concurrent_streams: PositiveInt = Field(
        default=256, le=2**31 - 1, description="calls under way at once on one connection"
    )
    max_sessions: PositiveInt = Field(default=1000, description="sessions on the server")
    max_session_items: PositiveInt = Field(default=20_000_000, description="items of one session")
    max_session_rejections: PositiveInt = Field(default=1_000_000, description="refused items that one session keeps")
    max_session_age: PositiveFloat | None = Field(
        default=None, description="seconds after which a session is deleted, whatever its state"
    )
    max_distractors: int = Field(
        default=4_000_000, ge=0, le=_MAX_UINT32, description="images beyond the index that a ranking may hold"
    )

    quota_sessions: PositiveInt | None = Field(default=None, description="sessions of one principal")
    quota_items_per_second: PositiveInt | None = Field(
        default=None, description="items that one principal sends; a stream is slowed, a unary call refused"
    )
    quota_bytes_per_second: PositiveInt | None = Field(
        default=None, description="bytes of items that one principal sends; a stream is slowed, a unary call refused"
    )
    quota_snapshots: PositiveInt | None = Field(default=None, description="snapshots with metrics of one session")

    hide_ground_truth: bool = Field(default=False, description="tell of all benchmarks only rounded means")
    hidden_benchmarks: _Texts = Field(
        default=(), description="benchmarks of which only rounded means are told, by name; in one text behind commas"
    )
    hidden_step: float = Field(default=0.5, gt=0, le=100, description="what hidden means are rounded to, in points")
    hidden_snapshots: PositiveInt = Field(default=10, description="snapshots with hidden means of one session")
    hidden_daily: PositiveInt = Field(
        default=50, description="snapshots and reports with hidden means told to one principal in 24 hours"
    )

    tls_certificate: Path | None = Field(
        default=None, description="PEM file with the server's certificate chain; TLS is on"
    )
    tls_key: Path | None = Field(default=None, description="PEM file with the key of tls_certificate, unencrypted")
    tls_client_ca: Path | None = Field(
        default=None, description="PEM file with the authorities of client certificates, which are then required (mTLS)"
    )
    signing_key: Path | None = Field(
        default=None, description="private key (Ed25519) that signs reports; pixret keygen makes one"
    )
    token_file: Path | None = Field(
        default=None, description="file of the tokens that callers present; pixret token new writes it"
    )
    insecure_plaintext: bool = Field(default=False, description="serve other machines without TLS")
    insecure_anonymous: bool = Field(default=False, description="serve other machines without tokens")

    reflection: bool = Field(default=True, description="answer gRPC reflection, which names RPCs and messages")
    metrics_listen: str | None = Field(default=None, description="HOST:PORT for Prometheus' metrics; by default none")
    traces: _Endpoint | None = Field(
        default=None, description="URL of a collector that takes traces by OTLP over gRPC; by default none"
    )
    log_format: LogFormat = Field(default="text", description="text for people, or json, one object a line")
    log_level: LogLevel = Field(default="warning", description="what is logged; info has a line for every call")

    @cached_property
    def mask_limits(self) -> MaskLimits:
        """How large one mask may be."""
        return MaskLimits(
            self.max_mask_pixels,
            self.max_mask_runs,
            self.max_coordinate,
            self.max_polygon_points,
            self.max_outline_rows,
        )

    def hides(self, benchmark: str) -> bool:
        """Whether the ground truth of a benchmark is hidden."""
        return self.hide_ground_truth or benchmark in self.hidden_benchmarks

    @property
    def worker_count(self) -> int:
        """Number of threads, and of worker processes."""
        return self.workers or usable_cores()

    @model_validator(mode="after")
    def _check_tls(self) -> "ServiceConfig":
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together; give both or neither")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("tls_client_ca asks clients for certificates, which takes TLS; give tls_certificate, too")
        return self
