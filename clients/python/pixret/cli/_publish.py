"""``pixret publish``: a report into a model repository on the Hugging Face Hub."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal

from pixret.cli._console import results
from pixret.cli._push import TokenFile, read_token

if TYPE_CHECKING:
    from pixret.publishing import Changes, FolderModel, HubModel

_SHOWN = (".yaml", ".md")  # what a dry run shows line by line


def publish(
    report: Annotated[Path, typer.Argument(help="A report that pixret score --json wrote.")],
    dataset: Annotated[str, typer.Option(help="OWNER/NAME of the dataset on the Hub that has the leaderboard.")],
    repo_dir: Annotated[Path | None, typer.Option(help="Clone of the model's repository, to write into.")] = None,
    push: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="The model on the Hub, to send one commit to.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Public key that checks the report's signature.")] = None,
    signature: Annotated[Path | None, typer.Option(help="The signature; by default REPORT.sig.")] = None,
    dataset_revision: Annotated[
        str | None, typer.Option(metavar="COMMIT", help="Commit of the dataset that was scored on.")
    ] = None,
    source_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Page to link to; with --push, by default, the report itself.")
    ] = None,
    notes: Annotated[str | None, typer.Option(help="How the model was run, as leaderboards show it.")] = None,
    no_card: Annotated[bool, typer.Option("--no-card", help="Leave the model card as it is.")] = False,
    pull_request: Annotated[
        bool, typer.Option("--pull-request", help="Open a pull request, for models of others.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    token_file: TokenFile = None,
) -> None:
    """Write a result into a model's repository: .eval_results, the model card, and the report with its signature."""
    from pixret.publishing import Dataset, Publication, read_result
    from pixret.signing import read_verifying_key

    result = read_result(report, key=read_verifying_key(key) if key else None, signature=signature)
    target = Dataset(dataset, dataset_revision)
    model = _find_model(repo_dir, push, token_file, pull_request)
    source_url = source_url or model.file_url(result.report_path)
    publication = Publication(result, target, model.name, source_url, notes, has_card=not no_card)
    changes = model.changes(publication)
    if not changes:
        results.print(f"{model.place} tells this result already; nothing to change", markup=False)
    elif dry_run:
        _show(model, changes)
    else:
        results.print(f"{', '.join(changes)} in {model.write(changes)}", markup=False)


def _find_model(
    repo_dir: Path | None, push: str | None, token_file: Path | None, pull_request: bool
) -> "FolderModel | HubModel":
    from pixret.publishing import FolderModel, HubModel

    if push is not None and repo_dir is None:
        return HubModel.find(push, as_pull_request=pull_request, token=read_token(token_file))
    if repo_dir is None or push is not None:
        raise typer.BadParameter("give either --repo-dir, a clone, or --push, for the Hub", param_hint="publish")
    if pull_request:
        raise typer.BadParameter("a pull request needs --push", param_hint="--pull-request")
    return FolderModel(repo_dir)


def _show(model: "FolderModel | HubModel", changes: "Changes") -> None:
    """Show lines that would change; of the report, its size."""
    for path, content in changes.items():
        if content is None or not path.endswith(_SHOWN):
            results.print(f"{path}: {'removed' if content is None else decimal(len(content))}", markup=False)
            continue
        before = (model.read(path) or b"").decode(errors="replace").splitlines()
        for line in difflib.unified_diff(before, content.decode().splitlines(), path, path, lineterm=""):
            results.print(line, markup=False)
    results.print(f"nothing was changed in {model.place}", markup=False)
