"""Files that appear when they are complete."""

from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step, with its folder; what stood there before is kept until then. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
