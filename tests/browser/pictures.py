"""Takes the pictures of ``docs/images``: ``make pictures``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.running import CHROMIUM, running_browser, server

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"
WIDE = {"width": 1720, "height": 1080}


def playground(page: Page) -> None:
    """A patient, the options at a glance, the card, and the call."""
    page.goto("/")
    page.screenshot(path=FOLDER / "playground.png")


def what_changes(page: Page) -> None:
    """What one changed fact changes."""
    page.goto("/?change=platelets-49")
    page.locator(".changed").screenshot(path=FOLDER / "what-changes.png")


def picture(page: Page) -> None:
    """The lungs and CEA over time."""
    page.goto("/?case=many-lesions-cea-comparator")
    box = page.locator(".picture").bounding_box()
    assert box is not None
    page.screenshot(path=FOLDER / "picture.png", full_page=True, clip={**box, "height": 720})  # type: ignore[arg-type]


def rule(page: Page) -> None:
    """One rule: its number, its source, for and against."""
    page.goto("/rules/A-04")
    page.screenshot(path=FOLDER / "rule.png")


def main() -> None:
    """Take every picture."""
    if CHROMIUM is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, server(Path(state)) as address, running_browser(CHROMIUM) as browser:
        page = browser.new_context(viewport=WIDE, base_url=address).new_page()  # type: ignore[arg-type]
        for take in (playground, what_changes, picture, rule):
            take(page)


if __name__ == "__main__":
    main()
