"""Contact sheets: a query beside its index images, with the outline of its object in each."""

from pixret.browse._collect import collect_sheets
from pixret.browse._contours import Outline, outline
from pixret.browse._environment import page_environment
from pixret.browse._errors import BrowseError
from pixret.browse._findings import Findings
from pixret.browse._html import write_page
from pixret.browse._png import write_picture, write_pictures
from pixret.browse._sheet import Album, Card, Finding, Group, Sheet, Thumbnail
from pixret.browse._thumbnails import read_thumbnails, shrink

__all__ = [
    "Album",
    "BrowseError",
    "Card",
    "Finding",
    "Findings",
    "Group",
    "Outline",
    "Sheet",
    "Thumbnail",
    "collect_sheets",
    "outline",
    "page_environment",
    "read_thumbnails",
    "shrink",
    "write_page",
    "write_picture",
    "write_pictures",
]
