"""Contact sheets: a query beside its index images, with the outline of its object in each."""

from pixret.browse._collect import collect_sheets
from pixret.browse._errors import BrowseError
from pixret.browse._html import write_page
from pixret.browse._png import write_picture, write_pictures
from pixret.browse._sheet import Album, Card, Finding, Group, Sheet, Thumbnail

__all__ = [
    "Album",
    "BrowseError",
    "Card",
    "Finding",
    "Group",
    "Sheet",
    "Thumbnail",
    "collect_sheets",
    "write_page",
    "write_picture",
    "write_pictures",
]
