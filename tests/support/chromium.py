"""A page as a person has it: in the system's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

# As root there is no sandbox; the rest keeps the browser from looking for its maker.
_QUIET = "disable-gpu disable-quic no-first-run disable-background-networking disable-component-update disable-sync"
_FLAGS = [f"--{flag}" for flag in ("no-sandbox", *_QUIET.split())]
DESK: ViewportSize = {"width": 1280, "height": 800}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium while it is needed; skips the test where there is none."""
    found = os.environ.get("PIXRET_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium on the PATH (PIXRET_CHROMIUM names another place)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page that is open, and everything that it asked for or complained of."""

    def __init__(self, browser: Browser, path: Path, size: ViewportSize = DESK, scheme: str = "light") -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport=size, color_scheme="dark" if scheme == "dark" else "light")
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(path.as_uri())

    def count(self, condition: str, of: str = "img") -> int:
        """Elements for which a condition in JavaScript on `e` holds."""
        number: int = self.page.evaluate(f"[...document.querySelectorAll('{of}')].filter((e) => {condition}).length")
        return number

    def texts(self, of: str) -> list[str]:
        """Text of the elements that one sees."""
        found: list[str] = self.page.evaluate(
            f"[...document.querySelectorAll('{of}')].filter((e) => e.checkVisibility()).map((e) => e.innerText.trim())"
        )
        return found
