"""What the server allows."""

import os
from dataclasses import dataclass

from pixret.metrics import DEFAULT_LIMITS, MaskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """Limits and paces of a server; seconds where a number is a time.

    `max_message_bytes` bounds a serialized request and `max_batch_items` the items in it. `max_session_items` and
    `max_session_rejections` bound what one session holds in memory, `max_distractors` what one ranking may span.
    `workers` None means a thread, and a process for points, a core. `grace` is how long streams may go on once the
    server is asked to stop.
    `keep_masks` writes the items as they came into the state, beside their outcomes.
    """

    max_batch_items: int = 4096
    max_message_bytes: int = 4 * 2**20
    mask_limits: MaskLimits = DEFAULT_LIMITS
    max_sessions: int = 1000
    max_session_items: int = 20_000_000
    max_session_rejections: int = 1_000_000
    max_distractors: int = 4_000_000
    max_concurrent_streams: int = 256
    workers: int | None = None
    grace: float = 5.0
    min_snapshot_interval: float = 0.1
    keep_masks: bool = False

    def __post_init__(self) -> None:
        for name in ("max_batch_items", "max_message_bytes", "max_sessions", "max_concurrent_streams"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers must be at least 1, not {self.workers}")
        if self.grace < 0 or self.min_snapshot_interval <= 0:
            raise ValueError("grace must not be negative, and min_snapshot_interval must be positive")

    @property
    def worker_count(self) -> int:
        """Number of threads, and of worker processes."""
        return self.workers or len(os.sched_getaffinity(0))
