"""Fixtures of all tests."""

from tests.browser import chromium, in_browser

__all__ = ["chromium", "in_browser"]
