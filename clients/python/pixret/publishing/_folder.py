"""A local clone of a model repository."""

from dataclasses import dataclass
from pathlib import Path

from pixret.files import write_whole
from pixret.publishing._errors import PublishError
from pixret.publishing._merge import Changes, merge
from pixret.publishing._publication import Publication


@dataclass(frozen=True, slots=True)
class FolderModel:
    """A folder with the files of a model repository. Raises PublishError when there is none."""

    folder: Path

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise PublishError(str(self.folder), "is no folder; give a clone of the model's repository")

    @property
    def name(self) -> str:
        """The model's, as a clone is named after it."""
        return self.folder.resolve().name

    @property
    def place(self) -> str:
        """Where it lies, for people."""
        return str(self.folder)

    def file_url(self, path: str) -> None:
        """Nobody else sees a file of a clone yet."""

    def read(self, path: str) -> bytes | None:
        """A file of the clone, None where there is none."""
        return (self.folder / path).read_bytes() if (self.folder / path).exists() else None

    def changes(self, publication: Publication) -> Changes:
        """Work out what a publication changes. Raises PublishError."""
        return merge(self.read, publication)

    def write(self, changes: Changes) -> str:
        """Write changes, each file in one step, and say where. Raises OSError."""
        for path, content in changes.items():
            target = self.folder / path
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
        return self.place
