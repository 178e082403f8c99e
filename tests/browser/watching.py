"""What a page sends while a test looks on."""

from __future__ import annotations

from playwright.sync_api import Page


class Sent:
    """The addresses that a page asks for from now on, but for its own icon: a browser fetches that when it likes."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        self._icon = page.locator("link[rel=icon]").evaluate("link => link.href")
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if url != self._icon:
            self.addresses.append(url)
