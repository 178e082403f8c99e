"""The real server on loopback, and the system's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.integration.serving import started
from tests.processes import starts_process

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
DESK, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@contextmanager
def server(state: Path) -> Iterator[str]:
    """Where ``cds-service serve`` listens; what it keeps, it keeps in ``state``."""
    with started(state / "log", XDG_STATE_HOME=str(state)) as (_, port):
        yield f"http://127.0.0.1:{port}"


@starts_process
@contextmanager
def running_browser(program: str) -> Iterator[Browser]:
    """A headless Chromium, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
