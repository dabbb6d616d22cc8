"""The clients: what each needs to be built, how it is built, and how its driver is called."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "clients"


@dataclass(frozen=True)
class ClientKit:
    """A client: the programs that its build takes, and the build, which runs its own tests and returns its driver."""

    toolchain: tuple[str, ...]
    build: Callable[[Path], list[str]]

    @property
    def missing(self) -> str | None:
        """A program that is not on this machine, if one is not."""
        return next((program for program in self.toolchain if shutil.which(program) is None), None)


def _run(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-8000:], file=sys.stderr)
        raise RuntimeError(f"{' '.join(map(str, command))} failed in {folder.relative_to(ROOT)}")


def _python(_: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("python_driver.py"))]


def _go(out: Path) -> list[str]:
    folder = CLIENTS / "go"
    _run(folder, "go", "generate", "./...")
    _run(folder, "go", "vet", "./...")
    _run(folder, "go", "test", "./...")
    _run(folder, "go", "build", "-o", out / "go-driver", "./internal/conformance")
    return [str(out / "go-driver")]


def _typescript(_: Path) -> list[str]:
    folder = CLIENTS / "typescript"
    _run(folder, "npm", "ci", "--no-audit", "--no-fund")
    _run(folder, "npm", "test")
    return ["node", str(folder / "dist/conformance/driver.js")]


def _cpp(_: Path) -> list[str]:
    folder = CLIENTS / "cpp"
    _run(folder, "cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DPIXRET_WARNINGS_AS_ERRORS=ON")
    _run(folder, "cmake", "--build", "build")
    _run(folder, "ctest", "--test-dir", "build", "--output-on-failure")
    return [str(folder / "build/pixret-driver")]


_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # good for programs of a second


def _java(_: Path) -> list[str]:
    folder = CLIENTS / "java"
    _run(folder, "mvn", "--batch-mode", "--no-transfer-progress", "verify")
    return ["java", *_JVM, "-cp", str(folder / "target/pixret-score.jar"), "io.github.pixret.conformance.Driver"]


def _rust(_: Path) -> list[str]:
    folder = CLIENTS / "rust"
    _run(folder, "cargo", "fmt", "--check")
    _run(folder, "cargo", "clippy", "--locked", "--release", "--all-targets", "--", "-D", "warnings")
    _run(folder, "cargo", "test", "--locked", "--release")  # builds the examples, too, of which one is the driver
    return [str(folder / "target/release/examples/conformance")]


KITS = {
    "python": ClientKit((), _python),
    "go": ClientKit(("go",), _go),
    "typescript": ClientKit(("node", "npm"), _typescript),
    "cpp": ClientKit(("c++", "cmake", "ninja", "pkg-config", "protoc", "grpc_cpp_plugin", "clang-format"), _cpp),
    "java": ClientKit(("javac", "mvn"), _java),
    "rust": ClientKit(("cargo", "cargo-fmt", "cargo-clippy"), _rust),
}


JOB = {
    "token": None,
    "tls": None,
    "distractors": 0,
    "session": None,
    "items": "-",
    "transport": "stream",
    "batch_items": 5,
    "linger": None,
    "snapshot_interval": None,
    "claim": None,
    "patience": None,
    "calls": False,
}
"""A plain job for a driver, which lacks but the server and the benchmark."""


def is_required() -> bool:
    """Whether a missing toolchain is a failure, as it is where all are meant to be."""
    return os.environ.get("PIXRET_REQUIRE_CLIENTS") == "1"
