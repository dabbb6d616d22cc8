"""Servers that answer as a test wants, which no server of ours would."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

from pixret.scoring.v1.scoring_pb2_grpc import add_ScoringServiceServicer_to_server


@contextmanager
def answering(servicer):
    """A server of these answers; yields its address."""
    threads = ThreadPoolExecutor(4)
    server = grpc.server(threads)
    add_ScoringServiceServicer_to_server(servicer, server)
    with started(server, threads) as address:
        yield address


@contextmanager
def started(server, threads):
    """A server that has its handlers, and its threads, until the block ends; yields its address."""
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield address
    finally:
        server.stop(0).wait(10)
        threads.shutdown()
