"""Text from a record shows as text: no link, no HTML, no table cell, no heading, in any client."""

from __future__ import annotations

from html import unescape

import pytest
from markdown_it import MarkdownIt

from cds_service.cards.markdown import _INVISIBLE, bullets, escape, link, one_line, plain, reference, table
from cds_service.protocol.card import to_json
from cds_service.protocol.card_rules import check_response
from tests.unit.card_cases import ABLATION, cards

ATTACKS = (
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<script>alert(1)</script>",
    "<b onload=x>bold</b>",
    "<https://evil.example>",
    "https://evil.example/path?a=b",
    "www.evil.example",
    "evil.com",
    "mail me@evil.example",
    "зло.рф and 悪.世界",
    "a | b | c",
    "`code`",
    "**bold** _it_ ~~gone~~",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "&lt;b&gt; &amp;",
    "\\[escaped\\](x)",
    "line one\n\n# line two",
    "[ref]: https://evil.example",
    "$x$ and $$y$$",
)
RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_renders_to_itself(attack: str) -> None:
    html = RENDERER.render(escape(attack))
    visible = " ".join(attack.split())
    expected = visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert html.replace(_INVISIBLE, "") == f"<p>{expected}</p>\n"


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_stays_in_its_cell(attack: str) -> None:
    html = RENDERER.render(table(["one", "two"], [(escape(attack), "next")]))
    assert html.count("<td>") == 2
    assert "<td>next</td>" in html
    assert "<a " not in html


@pytest.mark.parametrize("text", ["https://evil.example", "www.evil.example", "evil.com", "me@evil.example"])
def test_no_address_is_left_for_a_client_to_link(text: str) -> None:
    for address in ("https://", "www.e", "evil.com", "me@evil"):
        assert address not in escape(text)


def test_plain_clinical_text_is_left_alone() -> None:
    for text in ("Chest CT", "FEV1 60 % (2025-04-15), DLCO 62 %: exercise test", "RLL 15 mm; margin ≥ 10 mm", "0.82"):
        assert escape(text) == text


def test_marks_that_nobody_sees_are_removed() -> None:
    assert one_line("a\u202eb\u200b c\x00d\r\ne  f") == "ab c d e f"


def test_plain_text_is_short_and_without_angle_brackets() -> None:
    assert plain("<b>RFA</b>", 40) == "‹b›RFA‹/b›"
    assert plain("Radiofrequency ablation of lung", 15) == "Radiofrequency…"
    assert len(plain("x" * 500, 46)) == 46


def test_a_reference_shows_nothing_but_a_reference() -> None:
    assert reference("Condition/lung") == "`Condition/lung`"
    assert reference("Observation/`](http://evil)|<x>") == "`Observation/???http://evil???x?`"


def test_links_survive_brackets_in_their_address() -> None:
    html = RENDERER.render(link("OligoCare [2020]", "https://doi.org/10.1016/S1470-2045(19)30718-1"))
    assert 'href="https://doi.org/10.1016/S1470-2045%2819%2930718-1"' in html
    assert link("Ye 2018", None) == "Ye 2018"


def test_bullets_and_empty_cells() -> None:
    assert bullets(["a", "b"]) == "- a\n- b"
    assert table(["h"], [("",)]).endswith("| – |")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_order_cannot_write_on_a_card(attack: str) -> None:
    order = ABLATION | {"code": ABLATION["code"] | {"text": attack}}
    found = cards(hook="order-sign", orders=[order], plt=40)
    assert len(found) == 2
    for card in found:
        html = RENDERER.render(card.detail or "")
        assert "evil" not in "".join(part.split('"')[0] for part in html.split('href="')[1:])
        assert "<script" not in html
        assert "<img" not in html
        assert "<h1" not in html
        assert "<" not in card.summary
        assert "\n" not in card.summary
        assert html.count("<strong>") == RENDERER.render(_calm(card.detail or "", attack)).count("<strong>")
        assert plain(attack, 160) in unescape(html).replace(_INVISIBLE, "")
    assert check_response({"cards": [to_json(card) for card in found]}) == []


def _calm(text: str, attack: str) -> str:
    """The same detail with the attacking text taken out."""
    return text.replace(escape(attack), "")
