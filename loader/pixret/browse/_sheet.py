"""What a contact sheet shows, before it is drawn as a page or a picture."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from pixret.metrics import Accumulator, Level, Mask
from pixret.tables import Counts, StoredImage


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small WebP picture, upright as its image is shown."""

    content: bytes
    width: int
    height: int

    @property
    def data_uri(self) -> str:
        """The picture as a URL that holds it."""
        return f"data:image/webp;base64,{b64encode(self.content).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a submission says of one judged pair.

    `rank` counts from 1 and is None where the image is not ranked, `iou` that of the masks in the strict convention
    and None for junk, `mask` None where nothing was found.
    """

    rank: int | None
    iou: float | None
    mask: Mask | None


@dataclass(frozen=True, slots=True)
class Card:
    """One index image on the sheet of a query; `mask` is that of the label, None for junk or a missing label."""

    image: StoredImage
    level: Level
    mask: Mask | None
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class Group:
    """The images of one level that are shown, of `total` that there are."""

    level: Level
    total: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A query and its index images by level; `miou` is the strict mean IoU over all its positives."""

    query: StoredImage
    groups: tuple[Group, ...]
    miou: float | None


@dataclass(frozen=True, slots=True)
class Album:
    """All sheets of a benchmark that were asked for, and the thumbnails that they share, by index.

    `accumulator` took the submission that the findings come from. An image without a thumbnail is not in the tables.
    """

    benchmark: str
    counts: Counts
    limit: int
    annotations_only: bool
    accumulator: Accumulator | None
    sheets: tuple[Sheet, ...]
    queries: Mapping[int, Thumbnail]
    images: Mapping[int, Thumbnail]

    @property
    def is_cut(self) -> bool:
        """Whether some level of some query has more images than are shown."""
        return any(len(group.cards) < group.total for sheet in self.sheets for group in sheet.groups)
