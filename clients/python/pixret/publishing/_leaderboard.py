"""Whether a dataset on the Hub has the leaderboards that a result is for."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pixret.publishing._errors import PublishError
from pixret.publishing._publication import Publication
from pixret.repository import hub_errors
from pixret.tables import TablesError, load_manifest

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_TASKS = "eval.yaml"


def check_leaderboard(api: "HfApi", publication: Publication) -> None:
    """Make sure that the dataset declares a result's tasks, and holds the ground truth that it was scored against.

    Raises PublishError when it does not, and RepositoryError when it cannot be read.
    """
    dataset, result = publication.dataset, publication.result
    benchmark = result.report.benchmark
    with TemporaryDirectory(prefix="pixret-dataset-") as folder:
        with hub_errors(dataset.id, "cannot be read"):
            for name in (_TASKS, f"{benchmark}/manifest.json"):
                api.hf_hub_download(dataset.id, name, repo_type="dataset", revision=dataset.revision, local_dir=folder)
        declared = _declared(Path(folder) / _TASKS, dataset.id)
        held = _ground_truth(Path(folder) / benchmark, dataset.id)
    if missing := [task.id for task in result.tasks if task.id not in declared]:
        raise PublishError(dataset.id, f"its {_TASKS} does not declare {', '.join(missing)}; push it again")
    if (scored := result.report.settings.get("truth", "not told")) != held:
        detail = f"holds the ground truth {held}, and the report was scored against {scored}; score it on that dataset"
        raise PublishError(dataset.id, detail)


def _ground_truth(folder: Path, dataset_id: str) -> str:
    try:
        return load_manifest(folder).ground_truth
    except TablesError as error:
        raise PublishError(dataset_id, f"its {folder.name}/{error.path.name} {error.detail}; push it again") from None


def _declared(path: Path, dataset_id: str) -> set[str]:
    import yaml

    try:
        evaluation: dict[str, Any] = yaml.safe_load(path.read_bytes())
        return {str(task["id"]) for task in evaluation["tasks"]}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise PublishError(dataset_id, f"its {_TASKS} declares no tasks ({reason}); push it again") from None
