"""A small benchmark, and scoring servers for it: one in a thread of this process, one in a process of its own."""

import asyncio
import subprocess
import sys
import threading
from contextlib import contextmanager

import numpy as np

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask
from pixret.service import Server, ServiceConfig, run_server

HEIGHT, WIDTH = 24, 32
QUERIES = ("Кремль", "tour eiffel", "塔_000001")
IMAGES = tuple(f"{name}_{i:06}" for i in range(3) for name in ("kremlin", "Eiffel-Türme", "塔"))


def outline(x=4, y=5, side=10):
    """A square's corners."""
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], np.float64)


def small_truth(benchmark="small"):
    """Per query: images 0-1 easy, 2-3 hard, 4 junk, the others not judged; query 2 is ignored."""
    pairs = []
    for query in range(len(QUERIES)):
        for image, level in enumerate([Level.EASY, Level.EASY, Level.HARD, Level.HARD, Level.JUNK]):
            shape = outline(4 + image, 5 + query)
            label = None if level is Level.JUNK else Label(Mask.from_polygons([shape], HEIGHT, WIDTH), (shape,))
            pairs.append(JudgedPair(query, image, level, label))
    return GroundTruth(benchmark, QUERIES, IMAGES, tuple(pairs), (2,))


@contextmanager
def running_server(*truths, journal=None, **config):
    """A server in a thread with an event loop of its own, and perhaps with a journal; yields its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        server = Server(truths, config=ServiceConfig(workers=1, grace=0.2, **config), journal=journal)
        yield asyncio.run_coroutine_threadsafe(server.start(), loop).result(30)
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@contextmanager
def server_process():
    """A server in a process of its own, to be killed; yields the process and its address."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


if __name__ == "__main__":
    run_server(
        [small_truth()],
        "127.0.0.1:0",
        config=ServiceConfig(workers=1, grace=0.3),
        on_ready=lambda address: print(address, flush=True),
    )
