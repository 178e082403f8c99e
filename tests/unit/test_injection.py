"""Text of a record shows as text: in the Markdown of a card, in any client, and on our own pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from cds_service.knowledge import load_knowledge
from cds_service.web.playground.view import known_addresses
from cds_service.web.safe_markdown import markdown_html
from fhir_fixtures import case
from tests.contract.service import app

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1))",
    "[click](https://evil.example/x)",
    "![x](https://evil.example/x.png)",
    "<https://evil.example/x>",
    "https://evil.example/x",
    "www.evil.example",
    "evil.example",
    "зло.рф",
    "me@evil.example",
    "//evil.example/x",
    "mailto:me@evil.example",
    "javascript:alert(1)",
    "`</code><b>`",
    "| a | b |",
    "{{ 7*7 }}{% raw %}",
    "</textarea><script>alert(1)</script>",
    "\n\n# heading\n\n[r]: https://evil.example",
)
CASES = ("mcode-rich-solitary", "order-ablation-low-platelets", "mixed-up-record", "order-chemotherapy-without-mdt")
_TEXTS = {"text", "display", "conclusion", "unit", "comment", "valueString", "description", "value"}
_STRICTEST = MarkdownIt("gfm-like", {"html": True, "linkify": True})


def poisoned(request: dict[str, Any], attack: str) -> dict[str, Any]:
    """The request with the attack as every display, text, note and order name."""

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for name, item in value.items():
                if name in _TEXTS and isinstance(item, str):
                    value[name] = attack
                else:
                    walk(item)
            if value.get("resourceType") not in (None, "Bundle", "Patient"):
                value["note"] = [{"text": attack}]
            if "code" in value and isinstance(value["code"], dict):
                value["code"]["text"] = attack

    made = deepcopy(request)
    walk(made)
    return made


class Tags(HTMLParser):
    """The elements of a page, and where they lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.leads: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.leads += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def foreign(addresses: Iterator[str] | list[str]) -> list[str]:
    return [url for url in addresses if not url.startswith(ALLOWED) and url not in SOURCES]


KNOWLEDGE = load_knowledge()
ALLOWED = ("/", "#", "http://127.0.0.1:8000/", "http://localhost/", "https://sandbox.cds-hooks.org/")
SOURCES = {item.url for item in KNOWLEDGE.evidence.values() if item.url}
SOURCES |= {f"https://doi.org/{item.doi}" for item in KNOWLEDGE.evidence.values() if item.doi}
CLIENT = app().test_client()


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", CASES)
def test_a_card_carries_no_foreign_link_and_no_html_whoever_renders_it(name: str, attack: str) -> None:
    request = poisoned(case(name).request, attack)
    answer = CLIENT.post(f"/cds-services/crc-lung-metastasis-{request['hook']}", json=request)
    assert answer.status_code == 200
    for card in answer.get_json()["cards"]:
        tags = Tags(_STRICTEST.render(card["detail"]))
        assert foreign(tags.leads) == []
        assert set(tags.names) <= {
            "p",
            "strong",
            "ul",
            "li",
            "code",
            "a",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "em",
        }
        assert foreign([link["url"] for link in card.get("links", ())]) == []


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", CASES)
def test_the_playground_shows_the_letters(name: str, attack: str) -> None:
    text = json.dumps(poisoned(case(name).request, attack))
    answer = CLIENT.post(
        "/", data={"request": text}, content_type="multipart/form-data", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 200
    tags = Tags(answer.text)
    assert foreign(tags.leads) == []
    assert tags.handlers == []
    assert (tags.names.count("script"), tags.names.count("img"), tags.names.count("textarea")) == (1, 0, 1)
    assert "alert(1)>" not in answer.text
    assert "49" not in answer.text.partition("{{ 7*7 }}")[0][-3:]


ESCAPES = [
    ("[a](https://evil.example)", "a"),
    ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
    ("[a](//evil.example)", "a"),
    ("<https://evil.example>", "https://evil.example"),
    ("![a](https://evil.example/x.png)", "!a"),
    ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
    ("https://evil.example", "https://evil.example"),
]


@pytest.mark.parametrize(("text", "html"), ESCAPES)
def test_a_card_of_somebody_else_could_not_lead_away_either(text: str, html: str) -> None:
    rewrite = known_addresses(KNOWLEDGE, "http://127.0.0.1:8000")
    assert markdown_html(text, rewrite) == f"<p>{html}</p>\n"


def test_our_own_pages_and_the_sources_of_the_rules_stay_links() -> None:
    rewrite = known_addresses(KNOWLEDGE, "http://127.0.0.1:8000")
    own = markdown_html("[A-04](http://127.0.0.1:8000/rules#A-04)", rewrite)
    source = markdown_html("[Treasure](https://doi.org/10.1186/s13063-019-3837-y)", rewrite)
    assert own == '<p><a href="/rules#A-04">A-04</a></p>\n'
    assert 'href="https://doi.org/10.1186/s13063-019-3837-y" rel="noreferrer"' in source
