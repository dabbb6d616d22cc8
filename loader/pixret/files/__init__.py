"""Files that are whole at any time."""

from pixret.files._write import write_whole

__all__ = ["write_whole"]
