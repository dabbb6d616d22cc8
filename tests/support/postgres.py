"""A real PostgreSQL of the test run's own: in a temporary folder, on a Unix socket, as an unprivileged user."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import psycopg

_NUMBERS = count(1)


def find_binaries():
    """The folder of Debian's or anybody's PostgreSQL, None where there is none."""
    folders = [Path(found).parent for found in [shutil.which("postgres")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


class Postgres:
    """A server that can be stopped, killed and started again on the same data."""

    def __init__(self, binaries):
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="pixret-pg-", dir="/tmp"))  # a socket's path may have 107 bytes
        self._user = _unprivileged()
        if self._user is not None:
            os.chown(self.folder, self._user, -1)
        self._run("initdb", "--auth=trust", "--username=pixret", "--encoding=UTF8", "--no-sync", "--pgdata", self._data)

    @property
    def _data(self):
        return str(self.folder / "data")

    def start(self):
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}"]
        command = [self._binaries / "postgres", "-D", self._data, *options]
        self._log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, user=self._user, cwd="/")
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._url("postgres")).close()
                break
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, number=signal.SIGINT):
        """SIGINT breaks connections off and ends in order, SIGQUIT is a crash."""
        self._process.send_signal(number)
        self._process.wait(30)
        self._log.close()

    def remove(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def new_database(self):
        """The URL of an empty database."""
        name = f"state_{next(_NUMBERS)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, database):
        return f"postgresql://pixret@/{database}?host={self.folder}"

    def _run(self, program, *arguments):
        command = [self._binaries / program, *arguments]
        done = subprocess.run(
            command, user=self._user, capture_output=True, text=True, timeout=60, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr


def _unprivileged():
    """PostgreSQL refuses to run as root; then another user has to be."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody")
