"""Servers that are born fast and die hard: forked from a mother that has imported everything, killed with SIGKILL.

Run as a script, this is the mother. She reads one JSON object a line, forks a server for it, and the server answers
with its process id and its address.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from ports import steady_port


@dataclass
class Life:
    """One server process."""

    pid: int
    address: str

    def end(self, number=signal.SIGKILL):
        """Kill it as a power cut would, or with another signal; no matter whether it is dead already."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return

    def is_over(self, seconds=20):
        """Whether it ends in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.002)
        return False


class Mother:
    """Gives birth to servers. Unless told otherwise all listen on one port, so that clients find the next one."""

    def __init__(self, process):
        self._process = process
        self._one_at_a_time = threading.Lock()
        self.port = steady_port()

    def bear(self, state, *, failpoints="", mutant="", port=None):
        """A new server on a state, which may die at failpoints and be a mutant."""
        wish = {"state": state, "failpoints": failpoints, "mutant": mutant, "port": port or self.port}
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(wish) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        assert "stillborn" not in answer, answer["stillborn"]
        return Life(**answer)


@contextmanager
def mother():
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Mother(process)
        finally:
            process.stdin.close()
            process.wait(30)


def _live(wish):
    """A server's life, in the child."""
    from mutants import make_journal
    from serving import small_truth

    from pixret.metrics import MeasurePool
    from pixret.service import ServiceConfig, _failpoints, run_server

    # Worker processes take longer to start than a life lasts: all masks are measured in a thread.
    threads = ThreadPoolExecutor(1)
    MeasurePool.start_workers = lambda _: []
    MeasurePool._workers = lambda _: threads
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ["PIXRET_FAILPOINTS"] = wish["failpoints"]
    _failpoints._left = _failpoints._read()
    run_server(
        [small_truth()],
        f"127.0.0.1:{wish['port']}",
        config=ServiceConfig(workers=1, grace=5.0),
        journal=make_journal(wish["state"], wish["mutant"]),
        on_ready=lambda address: print(json.dumps({"pid": os.getpid(), "address": address}), flush=True),
    )


def _main():
    import mutants  # noqa: F401 - once for all children
    import psycopg  # noqa: F401
    import serving  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    from pixret.service import ServiceError

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    children = []
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            try:
                _live(json.loads(line))
            except ServiceError as error:  # before it was born: whoever waits for it would wait for ever
                print(json.dumps({"stillborn": str(error)}), flush=True)
            finally:
                os._exit(0)
        children.append(Life(pid, ""))
    for child in children:
        child.end()


if __name__ == "__main__":
    _main()
