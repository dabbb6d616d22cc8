"""Files that are whole at any time, folders that are gone in the end, and one writer at a time."""

from pixret.files._alone import alone_in
from pixret.files._clear import cleared
from pixret.files._write import write_whole

__all__ = ["alone_in", "cleared", "write_whole"]
