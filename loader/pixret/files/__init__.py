"""Files that are whole at any time, and folders that are gone in the end."""

from pixret.files._clear import cleared
from pixret.files._write import write_whole

__all__ = ["cleared", "write_whole"]
