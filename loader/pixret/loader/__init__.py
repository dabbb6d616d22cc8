"""From the authors' raw files to prepared tables; importing this imports no `datasets`."""

from pixret.loader._errors import InconsistentSourceError, PrepareError, Problem, ProblemKind
from pixret.loader._prepare import prepare

__all__ = ["InconsistentSourceError", "PrepareError", "Problem", "ProblemKind", "prepare"]
