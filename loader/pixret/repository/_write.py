"""Writing a repository's descriptions beside its tables."""

from pathlib import Path

from pixret.files import alone_in, write_whole
from pixret.repository._card import render_card
from pixret.repository._contents import check_known, read_contents
from pixret.repository._croissant import render_croissant
from pixret.repository._errors import RepositoryError
from pixret.repository._evaluation import render_evaluation

_RENDERERS = {"README.md": render_card, "eval.yaml": render_evaluation, "croissant.json": render_croissant}
DESCRIPTIONS = tuple(_RENDERERS)
"""Files that describe the repository, beside the folders of its benchmarks, in the order in which they are written.

The last one has the digest of every file, so that it tells whether all of them describe the tables that are there.
"""

_MARK = "ritten by pixret prepare"  # in all of them, so that no file of somebody else is overwritten


def check_describable(folder: Path) -> None:
    """Raise RepositoryError when a file that is not pixret's lies where a description belongs, or beside the tables."""
    check_known(folder)
    for name in DESCRIPTIONS:
        path = folder / name
        if path.exists() and not (path.is_file() and _MARK in path.read_text(encoding="utf-8", errors="replace")):
            raise RepositoryError(
                f"{path}: is not by pixret prepare, which writes such a file; move it, or choose another folder"
            )


def describe_repository(folder: Path) -> None:
    """Write the descriptions of all benchmarks that are prepared in a folder, each in one step.

    Equal tables give equal descriptions. Distractors are described beside benchmarks, and not alone. Raises
    RepositoryError when a file is in the way, TablesError, and OSError.
    """
    with alone_in(folder):
        check_describable(folder)
        contents = read_contents(folder)
        if not contents.manifests:
            return
        for name, render in _RENDERERS.items():
            write_whole(folder / name, render(contents).encode())
