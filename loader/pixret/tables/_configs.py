"""The names under which `datasets` loads the tables of a benchmark."""

from dataclasses import dataclass

from pixret.metrics import Protocol
from pixret.tables._distractors import DISTRACTORS, DistractorsManifest

SPLIT = "test"
"""The one split of every table."""


@dataclass(frozen=True, slots=True)
class TableConfig:
    """A configuration of `datasets`: a table of a benchmark, or some `columns` of it; None means all."""

    benchmark: str
    name: str
    table: str
    columns: tuple[str, ...] | None = None


def list_configs(benchmark: str) -> tuple[TableConfig, ...]:
    """Configurations of a benchmark, the default one first: its tables, then the MTEB and BEIR views of each protocol.

    The views are columns of the same files, since a view of its own would store every image once more. Distractors
    are no benchmark, and have their tables alone.
    """
    if benchmark == DISTRACTORS:
        return tuple(TableConfig(benchmark, f"{benchmark}-{table}", table) for table in DistractorsManifest.tables)
    tables = [TableConfig(benchmark, f"{benchmark}-{table}", table) for table in ("pairs", "queries", "corpus")]
    for protocol in Protocol:
        name = f"{benchmark}-{protocol}"
        tables += [TableConfig(benchmark, f"{name}-{table}", table, ("id", "image")) for table in ("corpus", "queries")]
        tables.append(TableConfig(benchmark, f"{name}-qrels", f"{protocol}-qrels"))
    return tuple(tables)
