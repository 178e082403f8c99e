"""Takes the pictures of ``docs/images``: ``make pictures``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.running import ARGUMENTS, CHROMIUM, server

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"
WIDE = {"width": 1280, "height": 860}


def playground(page: Page) -> None:
    """A patient, and what one changed fact changes."""
    page.goto("/?case=mcode-rich-solitary&change=platelets-49")
    page.screenshot(path=FOLDER / "playground.png")


def picture(page: Page) -> None:
    """The lungs, CEA and the time line of a patient who has all three."""
    page.goto("/?case=many-lesions-cea-comparator")
    page.locator(".picture").screenshot(path=FOLDER / "picture.png")


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, server(Path(state)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport=WIDE, base_url=address).new_page()  # type: ignore[arg-type]
        for take in (playground, picture):
            take(page)
        browser.close()


if __name__ == "__main__":
    main()
