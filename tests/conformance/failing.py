"""Servers that are away while unary calls are made, played by a proxy before one that is there."""

from collections import Counter

import grpc
from recording import METHODS, Recorder

CALLS = METHODS.keys() - {"StreamPredictions"}
AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)  # as a server that stops answers what it still has


class AwayForAMoment(Recorder):
    """Fails the first tries of every unary call, but for the first call of all; `failures` counts them.

    Where an `answer_is_lost`, the server does what it was asked for all the same.
    """

    def __init__(self, answer_is_lost):
        super().__init__()
        self.failures = Counter()
        self._answer_is_lost = answer_is_lost
        self._is_first = True

    def forward(self, path, method, requests, context):
        is_first, self._is_first = self._is_first, False
        tries = self.failures[method.name]
        if is_first or method.name not in CALLS or tries == len(AWAY):
            yield from super().forward(path, method, requests, context)
            return
        self.failures[method.name] += 1
        if self._answer_is_lost:
            for _ in super().forward(path, method, requests, context):
                pass
        context.abort(AWAY[tries], "away for a moment")


class AwayForGood(Recorder):
    """Fails every call from the first of one name on; `failures` counts them."""

    def __init__(self, name):
        super().__init__()
        self.failures = 0
        self._name = name

    def forward(self, path, method, requests, context):
        if self.failures or method.name == self._name:
            self.failures += 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "away for good")
        yield from super().forward(path, method, requests, context)
