"""Every table that can be loaded, by its name."""

from collections.abc import Mapping
from types import MappingProxyType

from pixret.rawfiles import RAW_BENCHMARKS
from pixret.tables import DISTRACTORS, TableConfig, list_configs

_OF_BENCHMARKS = {benchmark: list_configs(benchmark) for benchmark in (*RAW_BENCHMARKS, DISTRACTORS)}

CONFIGS: Mapping[str, TableConfig] = MappingProxyType(
    {config.name: config for configs in _OF_BENCHMARKS.values() for config in configs}
)
"""The configurations of all benchmarks and of the distractors."""

DEFAULTS: Mapping[str, TableConfig] = MappingProxyType({name: configs[0] for name, configs in _OF_BENCHMARKS.items()})
"""What the bare name of a benchmark, or of the distractors, means."""
