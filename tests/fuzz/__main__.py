"""``python tests/fuzz SECONDS [TARGET]``: feed readers with what coverage shows to be new, until time is up.

A corpus grows in ``.fuzz/TARGET`` below the current folder, so that the next run goes on where this one ended. What
breaks a target is written to ``tests/fuzz/findings/TARGET``, where the suite replays it from then on.
"""

import subprocess
import sys
from pathlib import Path

import atheris

HERE = Path(__file__).parent
SECONDS_FOR_ONE, MEGABYTES = 10, 3072


def main(seconds: str, name: str | None = None) -> None:
    """Feed one target, or each in a process of its own, since libFuzzer ends the process that it runs in."""
    sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
    with atheris.instrument_imports(include=["pixret", "targets"]):
        from targets import TARGETS
    if name is None:
        for each in TARGETS:
            print(f"fuzzing {each}", flush=True)
            subprocess.run([sys.executable, str(HERE), seconds, each], check=True)
        return
    target = TARGETS[name]
    corpus, findings = Path(".fuzz") / name, HERE / "findings" / name
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed_{number}").write_bytes(seed)
    bounds = [f"-max_total_time={seconds}", f"-timeout={SECONDS_FOR_ONE}", f"-rss_limit_mb={MEGABYTES}"]
    reports = ["-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={findings}/"]
    atheris.Setup([sys.argv[0], *bounds, *reports, str(corpus), str(findings)], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
