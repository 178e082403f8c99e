"""The real server on loopback, and the system's Chromium that meets it as a person's browser would.

Without Chromium the tests of this folder are skipped, and say so; where ``CI`` is set they fail instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.running import CHROMIUM, DESK, PHONE, running_browser, server

_PATIENCE_MS = 60_000  # for a machine that is busy with other things; a test that passes waits for none of it
expect.set_options(timeout=_PATIENCE_MS)
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (400|412|413|422) ")


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the service listens."""
    with server(tmp_path_factory.mktemp("state")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium."""
    if CHROMIUM is None:
        said = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with running_browser(CHROMIUM) as running:
        yield running


class Watched:
    """A page whose every complaint and every call is noted."""

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self._own = urlsplit(base_url).netloc
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _REFUSED.match(message.text):
            self.complaints.append(message.text)

    def _request(self, url: str) -> None:
        if urlsplit(url).netloc != self._own:
            self.elsewhere.append(url)


def watched(browser: Browser, base_url: str, **options: object) -> Iterator[Page]:
    """A page that must not complain, nor load anything from elsewhere."""
    settings = {"viewport": DESK, "base_url": base_url, "permissions": ["clipboard-read", "clipboard-write"], **options}
    context = browser.new_context(**settings)  # type: ignore[arg-type]
    context.set_default_timeout(_PATIENCE_MS)
    one = Watched(context, base_url)
    try:
        yield one.page
        assert one.complaints == []
        assert one.elsewhere == []
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser, base_url: str) -> Iterator[Page]:
    """A browser window on a desk."""
    yield from watched(browser, base_url)


@pytest.fixture
def page_without_script(browser: Browser, base_url: str) -> Iterator[Page]:
    """A browser that runs no script."""
    yield from watched(browser, base_url, java_script_enabled=False)


@pytest.fixture
def phone(browser: Browser, base_url: str) -> Iterator[Page]:
    """A phone in the dark."""
    yield from watched(browser, base_url, viewport=PHONE, color_scheme="dark", has_touch=True)
