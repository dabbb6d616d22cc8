"""What a publication changes in a model repository, wherever that lies."""

from collections.abc import Callable, Mapping

from pixret.publishing._card import CARD_PATH, merge_card
from pixret.publishing._entries import entries_path, merge_entries
from pixret.publishing._publication import Publication

Changes = Mapping[str, bytes | None]
"""Files of a repository by path, each as it is to be; None is one that goes."""


def merge(read: Callable[[str], bytes | None], publication: Publication) -> Changes:
    """Work out what changes in a repository, of which `read` gives a file, or None where there is none.

    Empty when the repository tells the result already. Raises PublishError.
    """
    result, path = publication.result, entries_path(publication)
    files: dict[str, bytes | None] = {path: merge_entries(read(path), publication)}
    if publication.has_card:
        files[CARD_PATH] = merge_card(read(CARD_PATH), publication)
    # The signature of an earlier report would be a false one beside this.
    files |= {result.report_path: result.content, f"{result.report_path}.sig": result.signature}
    return {path: content for path, content in files.items() if read(path) != content}
