"""What is published, and where to: a result, the dataset that has its leaderboard, and what is told beside it."""

import re
from dataclasses import dataclass

from pixret.publishing._errors import PublishError
from pixret.publishing._result import Result


@dataclass(frozen=True, slots=True)
class Dataset:
    """The dataset repository whose leaderboards a result is for; `revision` is a commit of it, in full.

    Raises PublishError for what is neither.
    """

    id: str
    revision: str | None = None

    def __post_init__(self) -> None:
        from huggingface_hub.utils import HFValidationError, validate_repo_id

        try:
            validate_repo_id(self.id)
        except HFValidationError as error:
            raise PublishError(self.id, f"is no name of a dataset on the Hub, OWNER/NAME: {error}") from None
        if self.revision is not None and not re.fullmatch(r"[0-9a-f]{40}", self.revision):
            raise PublishError(self.revision, "is no commit of a dataset; write its 40 hexadecimal digits")


@dataclass(frozen=True, slots=True)
class Publication:
    """A result for a dataset's leaderboards.

    `model` is the name of the model where its card gives none, `source_url` where the report can be seen, `notes` how
    the model was run. `has_card`: the model card tells the result, too. Raises PublishError for what is no URL.
    """

    result: Result
    dataset: Dataset
    model: str
    source_url: str | None = None
    notes: str | None = None
    has_card: bool = True

    def __post_init__(self) -> None:
        if self.source_url is not None and not re.fullmatch(r"https?://\S+", self.source_url):
            raise PublishError(self.source_url, "is no address of a page; write it with https://")

    @property
    def source_name(self) -> str | None:
        """What the link to the source says."""
        return None if self.source_url is None else "pixret report"

    @property
    def provenance(self) -> str:
        """What the number means, and by what the report behind it is known."""
        version = self.result.report.settings.get("pixret", "of an unknown version")
        signed = f", signed with {self.result.key}" if self.result.key else ""
        facts = f"strict convention of pixret {version}; report sha256:{self.result.digest}{signed}"
        return f"{self.notes}; {facts}" if self.notes else facts
