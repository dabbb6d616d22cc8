"""Folders of prepared tables as dataset repositories: their descriptions, and sending them to the Hub."""

from pixret.repository._errors import RepositoryError
from pixret.repository._push import list_files, push
from pixret.repository._write import DESCRIPTIONS, check_describable, describe_repository

__all__ = ["DESCRIPTIONS", "RepositoryError", "check_describable", "describe_repository", "list_files", "push"]
