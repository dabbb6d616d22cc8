"""How fast each principal may send."""

from aiolimiter import AsyncLimiter

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._config import ServiceConfig
from pixret.service._errors import QuotaError


class Pace:
    """The pace of one principal over all its streams and calls; bursts of a second's worth pass at once."""

    def __init__(self, principal: str, items: int | None, size: int | None) -> None:
        self._principal = principal
        self._items = None if items is None else AsyncLimiter(items, 1.0)
        self._bytes = None if size is None else AsyncLimiter(size, 1.0)

    async def keep(self, batch: pb.ItemBatch) -> None:
        """Wait until a batch is in its time."""
        for limiter, amount in self._parts(batch):
            for start in range(0, amount, int(limiter.max_rate)):
                await limiter.acquire(min(amount - start, limiter.max_rate))

    def check(self, batch: pb.ItemBatch) -> None:
        """Raise QuotaError when a batch would have to wait before any of it can pass."""
        for limiter, amount in self._parts(batch):
            if not limiter.has_capacity(min(amount, limiter.max_rate)):
                what = "items" if limiter is self._items else "bytes"
                message = f"{self._principal or 'everyone'} may send {limiter.max_rate:g} {what} a second; send slower"
                raise QuotaError(self._principal or what, message, retry=amount / limiter.max_rate)

    def _parts(self, batch: pb.ItemBatch) -> list[tuple[AsyncLimiter, int]]:
        """The limits that there are, and what the batch takes of each."""
        limits = (self._items, len(batch.items)), (self._bytes, batch.ByteSize() if self._bytes else 0)
        return [(limiter, amount) for limiter, amount in limits if limiter is not None]


class Quotas:
    """The pace of every principal."""

    def __init__(self, config: ServiceConfig) -> None:
        self._config = config
        self._paces: dict[str, Pace] = {}  # there are no more principals than the token file names

    def of(self, principal: str) -> Pace:
        """The pace of a principal."""
        if principal not in self._paces:
            limits = self._config.quota_items_per_second, self._config.quota_bytes_per_second
            self._paces[principal] = Pace(principal, *limits)
        return self._paces[principal]
