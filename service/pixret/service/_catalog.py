"""The benchmarks that a server scores."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pixret.metrics import Accumulator, GroundTruth
from pixret.service._config import ServiceConfig
from pixret.service._errors import ServiceError, UnknownResourceError


def index_truths(truths: Iterable[GroundTruth]) -> Mapping[str, GroundTruth]:
    """Ground truths by the name of their benchmark, in the order of names; ServiceError when one comes twice."""
    indexed: dict[str, GroundTruth] = {}
    for truth in sorted(truths, key=lambda truth: truth.benchmark):
        if truth.benchmark in indexed:
            raise ServiceError(f"benchmark {truth.benchmark} was given twice; serve each once")
        indexed[truth.benchmark] = truth
    if not indexed:
        raise ServiceError("there is no benchmark to serve; prepare one first")
    return indexed


def check_hidden(benchmarks: Iterable[str], config: ServiceConfig) -> None:
    """Raise ServiceError for a hidden benchmark that is not served: a misspelt name would hide nothing."""
    served = sorted(benchmarks)
    unknown = ", ".join(name for name in config.hidden_benchmarks if name not in served)
    if unknown:
        raise ServiceError(
            f"hidden_benchmarks names {unknown}, and what is served is {', '.join(served)}; correct the name, "
            "for a benchmark that it does not name is not hidden"
        )


def warm_truths(truths: Mapping[str, GroundTruth]) -> None:
    """Compute what ground truths compute once, which else the first requests would wait for."""
    for truth in truths.values():
        Accumulator(truth)
        _ = truth.digest, truth.canvases


def find_truth(truths: Mapping[str, GroundTruth], benchmark: str) -> GroundTruth:
    """Find a benchmark; UnknownResourceError, which lists what there is, when the server does not have it."""
    try:
        return truths[benchmark]
    except KeyError:
        there = ", ".join(truths)
        message = f"no benchmark {benchmark!r} on this server, which has: {there}"
        raise UnknownResourceError("pixret.Benchmark", f"benchmarks/{benchmark}", message) from None


def read_truths(folders: Iterable[Path]) -> list[GroundTruth]:
    """Read the ground truth of every benchmark that was prepared into one of the folders; TablesError for none."""
    from pixret.tables import list_prepared, read_ground_truth

    # Without a name, reading says what is wrong with a folder that holds nothing.
    return [read_ground_truth(folder, name) for folder in folders for name in list_prepared(folder) or [None]]
