"""A model repository on the Hub."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from pixret.publishing._leaderboard import check_leaderboard
from pixret.publishing._merge import Changes, merge
from pixret.publishing._publication import Publication
from pixret.repository import hub_errors

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_MESSAGE = "Add a result scored by pixret"


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model repository on the Hub as it was at one commit."""

    api: "HfApi"
    repo_id: str
    commit: str
    paths: frozenset[str]
    as_pull_request: bool = False

    @classmethod
    def find(
        cls, repo_id: str, *, as_pull_request: bool = False, token: str | None = None, endpoint: str | None = None
    ) -> Self:
        """Look a repository up; `token` and `endpoint` are else those that huggingface_hub finds.

        Raises RepositoryError for what the Hub refuses.
        """
        from huggingface_hub import HfApi

        api = HfApi(endpoint=endpoint, token=token)
        with hub_errors(repo_id, "cannot be read"):
            info = api.model_info(repo_id)
            paths = frozenset(file.rfilename for file in info.siblings or ())
            return cls(api, repo_id, str(info.sha), paths, as_pull_request)

    @property
    def name(self) -> str:
        """The model's."""
        return self.repo_id.rpartition("/")[2]

    @property
    def place(self) -> str:
        """Where it lies, for people."""
        return f"{self.api.endpoint}/{self.repo_id}"

    def file_url(self, path: str) -> str:
        """The address at which people see a file."""
        return f"{self.place}/blob/main/{path}"

    def read(self, path: str) -> bytes | None:
        """A file of the repository, None where there is none. Raises RepositoryError."""
        if path not in self.paths:
            return None
        with TemporaryDirectory(prefix="pixret-publish-") as cache, hub_errors(self.repo_id, "cannot be read"):
            found = self.api.hf_hub_download(self.repo_id, path, revision=self.commit, cache_dir=cache)
            return Path(found).read_bytes()

    def changes(self, publication: Publication) -> Changes:
        """Work out what a publication changes, and check that the dataset has the leaderboards for it.

        Raises PublishError and RepositoryError.
        """
        check_leaderboard(self.api, publication)
        return merge(self.read, publication)

    def write(self, changes: Changes) -> str:
        """Send changes as one commit on top of the one that was read; its address, or that of the pull request.

        Raises RepositoryError for what the Hub refuses, among it a repository that has changed since.
        """
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        operations = [
            CommitOperationDelete(path) if data is None else CommitOperationAdd(path, data)
            for path, data in changes.items()
        ]
        with hub_errors(self.repo_id):
            made = self.api.create_commit(
                self.repo_id,
                operations,
                commit_message=_MESSAGE,
                create_pr=self.as_pull_request,
                parent_commit=self.commit,
            )
        return made.pr_url or made.commit_url
