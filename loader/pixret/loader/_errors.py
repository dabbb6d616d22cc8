"""What can stand against preparing a benchmark, or loading it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MAX_LISTED = 20


class PrepareError(ValueError):
    """A benchmark that cannot be prepared, for a reason that the caller can do something about."""


class LoadError(ValueError):
    """Tables that cannot be loaded as asked, for a reason that the caller can do something about."""


class ProblemKind(enum.StrEnum):
    """Ways in which the authors' files can contradict one another."""

    COUNTS = "counts"
    MISSING_LABEL = "missing_label"
    UNKNOWN_PAIR = "unknown_pair"
    UNREADABLE_LABEL = "unreadable_label"
    OUTSIDE_IMAGE = "outside_image"
    SIZE_CONFLICT = "size_conflict"
    MISSING_IMAGE = "missing_image"
    UNREADABLE_IMAGE = "unreadable_image"
    CONFLICTING_IMAGES = "conflicting_images"
    IMAGE_SIZE = "image_size"
    BOX_OUTSIDE = "box_outside"

    @property
    def is_gap(self) -> bool:
        """Whether something is only not there, which a user may allow."""
        return self in {ProblemKind.MISSING_LABEL, ProblemKind.MISSING_IMAGE}


@dataclass(frozen=True, slots=True)
class Problem:
    """One contradiction; `pair` is QUERY_IMAGE by index, None where no single pair is concerned."""

    kind: ProblemKind
    pair: str | None
    message: str

    def __str__(self) -> str:
        return self.message if self.pair is None else f"pair {self.pair}: {self.message}"


class InconsistentSourceError(PrepareError):
    """A source whose files contradict one another; the message lists the first problems, `problems` has them all."""

    def __init__(self, source: Path, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(_listing(source, self.problems))

    def __reduce__(self) -> tuple[type["InconsistentSourceError"], tuple[Path, tuple[Problem, ...]]]:
        # BaseException would rebuild the error, in another process, from its message alone.
        return type(self), (self.source, self.problems)


def _listing(source: Path, problems: Sequence[Problem]) -> str:
    lines = [f"{source}: {len(problems)} problem{'s' if len(problems) > 1 else ''}"]
    lines += [f"  {problem}" for problem in problems[:_MAX_LISTED]]
    if len(problems) > _MAX_LISTED:
        lines.append(f"  and {len(problems) - _MAX_LISTED} more")
    if all(problem.kind.is_gap for problem in problems):
        lines.append(
            "  Complete the files, or allow missing ones (--allow-missing): their rows then have no mask or image."
        )
    return "\n".join(lines)
