"""Takes the pictures of ``docs/images``: ``make pictures``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.running import ARGUMENTS, CHROMIUM, server

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
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, server(Path(state)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport=WIDE, base_url=address).new_page()  # type: ignore[arg-type]
        for take in (playground, what_changes, picture, rule):
            take(page)
        browser.close()


if __name__ == "__main__":
    main()
