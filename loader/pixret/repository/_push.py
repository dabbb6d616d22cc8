"""Sending a repository to the Hub."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pixret.repository._contents import Contents, read_contents
from pixret.repository._croissant import read_described
from pixret.repository._errors import RepositoryError, hub_errors
from pixret.repository._write import DESCRIPTIONS
from pixret.tables import FileRecord

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete

    Operation = CommitOperationAdd | CommitOperationCopy | CommitOperationDelete

_KIND = "dataset"
_MESSAGE = "Upload tables prepared by pixret"


def list_files(folder: Path) -> dict[str, int]:
    """List what of a folder belongs to its repository: sizes in bytes by path.

    Raises RepositoryError for a folder without tables, or without descriptions of these tables, and TablesError for a
    table that is not as it was written.
    """
    contents = read_contents(folder)
    if not contents.manifests:
        raise RepositoryError(f"{folder}: holds no prepared benchmark; make one with pixret prepare")
    described = [*DESCRIPTIONS, *(f"{manifest.benchmark}/{manifest.file_name}" for manifest in contents.folders)]
    for name in described:
        if not (folder / name).is_file():
            raise RepositoryError(f"{folder / name}: no such file; run pixret prepare again, which writes it")
    tables = _table_records(contents)
    _check_described(folder / DESCRIPTIONS[-1], tables)
    for path, record in tables.items():
        record.check(folder / path)
    return {path: (folder / path).stat().st_size for path in [*described, *tables]}


def _check_described(last: Path, tables: Mapping[str, FileRecord]) -> None:
    """Raise RepositoryError when the last description that is written tells of other tables, and so may all."""
    if read_described(last.read_bytes()) != {path: record.sha256 for path, record in tables.items()}:
        detail = "describes other tables than those there, as a killed run leaves it; run pixret prepare again"
        raise RepositoryError(f"{last}: {detail}, which writes it")


def _table_records(contents: Contents) -> Mapping[str, FileRecord]:
    return {f"{each.benchmark}/{path}": record for each in contents.folders for path, record in each.files.items()}


def check_repo_id(repo_id: str) -> None:
    """Raise RepositoryError for a name that no repository of the Hub can have."""
    from huggingface_hub.utils import validate_repo_id

    with hub_errors(repo_id):
        validate_repo_id(repo_id)


def push(
    folder: Path, repo_id: str, *, private: bool = False, token: str | None = None, endpoint: str | None = None
) -> str:
    """Send the repository in a folder to the Hub, as one commit, and give the commit's address.

    The repository is made if there is none, for its owner alone if `private`. What an earlier push left in the folders
    of the same benchmarks is removed. `token` and `endpoint` are else those that huggingface_hub finds. Raises
    RepositoryError for what the Hub refuses, and what `list_files` raises.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    paths = list_files(folder)
    folders = tuple(f"{path.partition('/')[0]}/" for path in paths if "/" in path)
    with hub_errors(repo_id):
        api = HfApi(endpoint=endpoint, token=token)
        api.create_repo(repo_id, repo_type=_KIND, private=private or None, exist_ok=True)  # None: as its owner has it
        is_public = private and not api.repo_info(repo_id, repo_type=_KIND).private
        found = [] if is_public else api.list_repo_files(repo_id, repo_type=_KIND)
    if is_public:
        raise RepositoryError(f"{repo_id}: exists and is public; make it private on the Hub, or leave --private out")
    stale = [path for path in found if path.startswith(folders) and path not in paths]
    additions = [CommitOperationAdd(path_in_repo=path, path_or_fileobj=folder / path) for path in paths]
    operations: list[Operation] = [*additions, *(CommitOperationDelete(path_in_repo=path) for path in stale)]
    with hub_errors(repo_id):
        return api.create_commit(repo_id, operations, commit_message=_MESSAGE, repo_type=_KIND).commit_url
