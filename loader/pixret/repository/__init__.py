"""Folders of prepared tables as dataset repositories: their descriptions, and sending them to the Hub."""

from pixret.repository._contents import TITLES
from pixret.repository._errors import RepositoryError, hub_errors
from pixret.repository._evaluation import LEADERBOARD_PROTOCOLS, EvaluationTask, evaluation_tasks
from pixret.repository._push import check_repo_id, list_files, push
from pixret.repository._write import DESCRIPTIONS, check_describable, describe_repository

__all__ = [
    "DESCRIPTIONS",
    "LEADERBOARD_PROTOCOLS",
    "TITLES",
    "EvaluationTask",
    "RepositoryError",
    "check_describable",
    "check_repo_id",
    "describe_repository",
    "evaluation_tasks",
    "hub_errors",
    "list_files",
    "push",
]
