"""Reports as pages for people: numbers, curves, and the pairs behind them."""

from pixret.pages._agreement import check_agreement, check_truth
from pixret.pages._errors import PageError
from pixret.pages._evidence import Evidence, collect_evidence
from pixret.pages._page import MAX_LISTED, ReportPage, write_report_page
from pixret.pages._pictures import Gallery
from pixret.pages._svg import require_matplotlib

__all__ = [
    "MAX_LISTED",
    "Evidence",
    "Gallery",
    "PageError",
    "ReportPage",
    "check_agreement",
    "check_truth",
    "collect_evidence",
    "require_matplotlib",
    "write_report_page",
]
