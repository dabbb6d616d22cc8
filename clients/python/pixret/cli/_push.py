"""``pixret push``: a folder of prepared tables to the Hugging Face Hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.filesize import decimal

from pixret.cli._console import results

TokenFile = Annotated[
    Path | None, typer.Option(help="File with the token; by default, HF_TOKEN or that of hf auth login.")
]


def push(
    repo_id: Annotated[str, typer.Argument(help="OWNER/NAME of the dataset on the Hub; it is made if there is none.")],
    data: Annotated[Path, typer.Option(help="Folder that pixret prepare wrote.")],
    annotations_only: Annotated[bool, typer.Option("--annotations-only", help="Leave the images out.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Make the dataset visible to its owner alone.")] = False,
    token_file: TokenFile = None,
) -> None:
    """Send prepared tables, with their card and metadata, to the Hub at HF_ENDPOINT as one commit."""
    from pixret.repository import check_repo_id, list_files
    from pixret.repository import push as push_folder

    check_repo_id(repo_id)
    token = read_token(token_file)
    with _folder_to_send(data, annotations_only) as folder:
        files = list_files(folder)
        size = f"{len(files)} files, {decimal(sum(files.values()))}"
        if dry_run:
            for path, count in files.items():
                results.print(f"{decimal(count):>10}  {path}", markup=False)
            results.print(f"{size}, to the dataset {repo_id}; nothing was sent", markup=False)
            return
        results.print(f"{size} in {push_folder(folder, repo_id, private=private, token=token)}", markup=False)


@contextmanager
def _folder_to_send(data: Path, annotations_only: bool) -> Iterator[Path]:
    if not annotations_only:
        yield data
        return
    from pixret.loader import strip_images

    with TemporaryDirectory(prefix="pixret-push-") as scratch:
        strip_images(data, Path(scratch))
        yield Path(scratch)


def read_token(path: Path | None) -> str | None:
    """Read a token from a file, for it would be seen on the command line; None leaves the choice to huggingface_hub."""
    if path is None:
        return None
    token = path.read_text(encoding="utf-8", errors="replace").strip()
    if not token or len(token.split()) > 1 or not token.isascii():
        raise typer.BadParameter(f"{path} must hold one token and nothing else", param_hint="--token-file")
    return token
