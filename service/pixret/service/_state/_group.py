"""Group commit: what several sessions have waiting is written in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pixret.service._journal import Append
from pixret.service._tasks import start

Write = Callable[[Sequence[Append]], list[Exception | None]]
"""Writes appends in one transaction; what was wrong with each, or an exception when it is undone as a whole."""

_Waiting = tuple[Append, "asyncio.Future[None]"]


class GroupCommit:
    """One thread that writes. While it waits for the disk, appends gather, and the next transaction takes them all."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._thread = ThreadPoolExecutor(1, "pixret-journal")
        self._waiting: list[_Waiting] = []
        self._is_writing = False

    async def submit(self, append: Append) -> None:
        """Write an append, and return when it is durable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, done))
        if not self._is_writing:
            self._is_writing = True
            start(self._write_all())
        await done

    async def close(self) -> None:
        """Finish what is under way."""
        await asyncio.to_thread(self._thread.shutdown)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._write_group(group)
        finally:
            self._is_writing = False

    async def _write_group(self, group: Sequence[_Waiting]) -> None:
        group = sorted(group, key=lambda waiting: waiting[0].session)  # two servers never wait for each other in a ring
        appends = [append for append, _ in group]
        faults: Sequence[Exception | None]
        try:
            faults = await asyncio.get_running_loop().run_in_executor(self._thread, self._write, appends)
        except Exception as error:  # noqa: BLE001, every one goes to those who wait
            faults = [error] * len(group)
        for (_, done), fault in zip(group, faults, strict=True):
            if done.done():
                continue
            if fault is None:
                done.set_result(None)
            else:
                done.set_exception(fault)
