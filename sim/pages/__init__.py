"""Pages: one HTML file that shows a report folder by itself. Records and bytes in, text out; it knows no engine and no chart."""

from sim.pages.page import is_page, page
from sim.pages.records import File, Report

__all__ = ["File", "Report", "is_page", "page"]
