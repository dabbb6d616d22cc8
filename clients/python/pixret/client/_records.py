"""What a server tells of itself and of its sessions."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pixret.metrics import Rejection
from pixret.scoring.v1 import scoring_pb2 as pb


@dataclass(frozen=True, slots=True)
class BenchmarkInfo:
    """A benchmark that a server scores. Names are empty unless they were asked for."""

    name: str
    query_count: int
    index_size: int
    digest: str
    max_batch_items: int
    max_message_bytes: int
    query_ids: tuple[str, ...]
    image_ids: tuple[str, ...]

    @classmethod
    def decode(cls, message: pb.Benchmark) -> "BenchmarkInfo":
        """Read the message."""
        return cls(
            name=message.name.removeprefix("benchmarks/"),
            query_count=message.query_count,
            index_size=message.index_size,
            digest=message.digest,
            max_batch_items=message.limits.max_batch_items,
            max_message_bytes=message.limits.max_message_bytes,
            query_ids=tuple(message.query_ids),
            image_ids=tuple(message.image_ids),
        )


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One submission on a server: `name` is what other calls take, `committed_offset` where to go on sending."""

    name: str
    benchmark: str
    finalized: bool
    committed_offset: int
    accepted: int
    rejected: int
    distractors: int
    display_name: str
    chain_digest: bytes

    @classmethod
    def decode(cls, message: pb.Session) -> "SessionInfo":
        """Read the message."""
        return cls(
            name=message.name,
            benchmark=message.benchmark.removeprefix("benchmarks/"),
            finalized=message.state == pb.SESSION_STATE_FINALIZED,
            committed_offset=message.committed_offset,
            accepted=message.accepted_count,
            rejected=message.rejected_count,
            distractors=message.distractor_count,
            display_name=message.display_name,
            chain_digest=message.chain_digest,
        )


@dataclass(frozen=True, slots=True)
class Appended:
    """What unary calls did: the session stands at `committed_offset`, and `chain_digest` is that of all items."""

    committed_offset: int
    chain_digest: bytes
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True)
class Report:
    """The report of a submission. `content` is its JSON, byte for byte the same wherever it was scored.

    `signature` is the file that `pixret verify` takes, when the server signs its reports.
    """

    content: bytes
    signature: bytes | None = None

    @cached_property
    def data(self) -> dict[str, Any]:
        """The report as JSON values."""
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed
