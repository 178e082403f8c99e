"""Every page: for a screen reader, on a phone, in light and dark, with nothing loaded from elsewhere."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PAGES = [
    "/",
    "/?case=prefetch-missing",
    "/?from=text",
    "/docs",
    "/docs/reference/http",
    "/rules/A-04",
    "/parameters",
    "/evidence/brunelli-2009",
    "/feedback",
    "/api",
]
ON_A_PHONE = ["/", "/docs/reference/http", "/rules/A-04", "/feedback"]
FOLDED = {"exclude": [[".tree"]]}  # thousands of folded lines of JSON; the error page shows the same lines, unfolded
STANDARDS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"runOnly": ["color-contrast"]}


def violations(page: Page, options: dict[str, list[str]]) -> list[str]:
    """What axe-core finds, each with its rule and the first place."""
    found = Axe().run(page, context=FOLDED, options=options).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['html'][:200]} ({len(item['nodes'])})" for item in found]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_stands_in_the_way_of_a_screen_reader_and_nothing_but_our_own_script_may_run(
    page: Page, path: str
) -> None:
    answer = page.goto(path)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.locator("[style], style, script:not([src])").count() == 0
    for suggestion in page.locator("#result .button > summary").all():
        suggestion.click()
    assert violations(page, STANDARDS) == []


@pytest.mark.parametrize("path", ON_A_PHONE)
def test_in_the_dark_on_a_phone_all_can_be_read_and_nothing_runs_off_the_side(phone: Page, path: str) -> None:
    phone.goto(path)
    assert violations(phone, CONTRAST) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= phone.evaluate("window.innerWidth")


def test_the_pages_lead_to_each_other(page: Page) -> None:
    page.goto("/")
    for name in ("Rules", "Numbers", "Sources", "Governance", "Feedback", "Interface", "Documentation", "Playground"):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("navigation", name="Pages").locator("[aria-current]")).to_have_text(name)
        expect(page.locator("h1")).to_be_visible()


def test_links_between_pages_of_the_documentation_work(page: Page) -> None:
    page.goto("/docs")
    page.locator(".text").get_by_role("link", name="settings", exact=True).click()
    expect(page.locator("h1")).to_have_text("Settings")
    expect(page.get_by_role("navigation", name="Documentation").locator("[aria-current]")).to_have_text("Settings")
    page.locator(".text").get_by_role("link", name="local policy").first.click()
    expect(page.locator("h1")).to_have_text("Use your own numbers")
