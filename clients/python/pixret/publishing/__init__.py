"""Results for model repositories on the Hub: entries of leaderboards, the model card, and the report behind them."""

from pixret.publishing._card import merge_card
from pixret.publishing._entries import entries_path, merge_entries
from pixret.publishing._errors import PublishError
from pixret.publishing._folder import FolderModel
from pixret.publishing._hub import HubModel
from pixret.publishing._merge import Changes
from pixret.publishing._publication import Dataset, Publication
from pixret.publishing._result import PUBLISHED, Result, read_result

__all__ = [
    "PUBLISHED",
    "Changes",
    "Dataset",
    "FolderModel",
    "HubModel",
    "Publication",
    "PublishError",
    "Result",
    "entries_path",
    "merge_card",
    "merge_entries",
    "read_result",
]
