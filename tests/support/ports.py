"""Ports for servers that are to come back where they were."""

import random
import socket


def steady_port():
    """A free port that is still free when its server comes back: below those that systems give to connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
