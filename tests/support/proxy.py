"""A TCP proxy that does to connections what networks do."""

import asyncio
import socket
import struct
import threading
from contextlib import contextmanager

_RESET = struct.pack("ii", 1, 0)  # linger for no time: close with a reset


class Proxy:
    """Forwards to a server. Its fields may be changed at any time, from any thread.

    `delay` is in seconds before every piece, `piece` the most bytes of one. `is_frozen` keeps connections open and
    swallows everything, as when the other side is gone without a word; connections that come later work, once it is
    false again. `allowance` is how many bytes clients may still send, None for any number.
    """

    def __init__(self, port):
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._writers = set()
        self.delay, self.piece = 0.0, 65536
        self.allowance = None
        self.connections = 0
        self._frozen = set()

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def reset(self):
        """Reset all connections."""
        self._loop.call_soon_threadsafe(self._reset)

    def freeze(self):
        """Forward nothing more on the connections that are open, and leave them open."""
        self._loop.call_soon_threadsafe(lambda: self._frozen.update(self._writers))

    def _reset(self):
        for writer in self._writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        try:
            await asyncio.gather(self._pump(reader, back, counts=True), self._pump(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers -= {writer, back}
            for each in (writer, back):
                each.transport.abort()

    async def _pump(self, reader, writer, *, counts=False):
        while data := await reader.read(self.piece):
            if self.delay:
                await asyncio.sleep(self.delay)
            if counts and self.allowance is not None:
                data, self.allowance = data[: self.allowance], max(0, self.allowance - len(data))
            if writer not in self._frozen:
                writer.write(data)
                await writer.drain()
        writer.close()


@contextmanager
def proxy_to(port):
    """A proxy to a port of this machine, in a thread of its own."""
    proxy = Proxy(port)
    thread = threading.Thread(target=proxy._loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(proxy.start(), proxy._loop).result(10)
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_stop(proxy), proxy._loop).result(10)
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        thread.join(10)
        proxy._loop.close()


async def _stop(proxy):
    proxy._server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
