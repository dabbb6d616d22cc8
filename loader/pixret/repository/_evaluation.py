"""The tasks for the Hub's leaderboards, eval.yaml."""

from dataclasses import dataclass
from typing import Any

from pixret.metrics import Protocol
from pixret.rawfiles import RAW_BENCHMARKS
from pixret.repository._contents import TITLES, Contents
from pixret.tables import SPLIT, list_configs

_HEAD = "# Written by pixret prepare, which writes it anew: changes are lost.\n"
_DESCRIPTION = """\
Pixel retrieval: rank the index images for a query, and segment its object in each. A score is the mAP@50:5:95 in the \
strict convention of pixret, in percent; `pixret score SUBMISSION --data FOLDER --json -` gives it."""

LEADERBOARD_PROTOCOLS = (Protocol.MEDIUM, Protocol.HARD)
"""Those of the paper."""


@dataclass(frozen=True, slots=True)
class EvaluationTask:
    """A task of eval.yaml: its score is the report's `number`, in percent."""

    id: str
    config: str
    number: str


def evaluation_tasks(benchmark: str) -> tuple[EvaluationTask, ...]:
    """One task for every protocol of the leaderboards and kind of answer; none for what is no benchmark of ours."""
    if benchmark not in RAW_BENCHMARKS:
        return ()
    config = list_configs(benchmark)[0].name
    return tuple(
        EvaluationTask(f"{benchmark}_{protocol}_{answer}", config, f"strict.{protocol}.{answer}.map_50_95")
        for protocol in LEADERBOARD_PROTOCOLS
        for answer in ("detection", "segmentation")
    )


def render_evaluation(contents: Contents) -> str:
    """Render the tasks of every benchmark."""
    from huggingface_hub import CardData

    tasks = [
        {"id": task.id, "config": task.config, "split": SPLIT}
        for manifest in contents.manifests
        for task in evaluation_tasks(manifest.benchmark)
    ]
    names = ", ".join(TITLES[manifest.benchmark] for manifest in contents.manifests)
    evaluation: dict[str, Any] = {
        "name": f"Pixel retrieval ({names})",
        "description": _DESCRIPTION,
        "evaluation_framework": "pixret",
        "tasks": tasks,
    }
    return f"{_HEAD}{CardData(**evaluation).to_yaml()}\n"
