"""Markdown to HTML, on the server: HTML in the text is shown as text, and only addresses that are allowed are links.

Used for cards, whose text may come from patient data, and for the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

Rewrite = Callable[[str], str | None]
"""From the address as it is written to the one to show; None: the words stay, the link goes."""


def markdown_html(text: str, rewrite: Rewrite) -> Markup:
    """The text as HTML; pictures are not shown."""
    return rendered(parsed(text, rewrite))


def parsed(text: str, rewrite: Rewrite, *, pictures: bool = False) -> list[Token]:
    """The tokens of the text, every address rewritten. ``pictures``: read pictures too; else ``!`` and a link."""
    parser = _PARSER_WITH_PICTURES if pictures else _PARSER
    tokens = parser.parse(text)
    for token in tokens:
        if token.children is not None:
            token.children = _rewritten(token.children, rewrite)
    return tokens


def rendered(tokens: Sequence[Token]) -> Markup:
    """The tokens as HTML. Every table can be scrolled by keyboard."""
    html: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return Markup(html)  # noqa: S704 - made by the renderer, which escapes all text


def words_of(token: Token) -> str:
    """The words of an inline token, without their marks."""
    return "".join(child.content for child in token.children or () if child.type in ("text", "code_inline"))


def _rewritten(children: Sequence[Token], rewrite: Rewrite) -> list[Token]:
    """The inline tokens, every link with its allowed address, or without its link."""
    shown, links = [], []
    for child in children:
        if child.type == "link_open":
            url = rewrite(str(child.attrGet("href") or ""))
            links.append(url is not None)
            if url is None:
                continue
            child.attrSet("href", url)
            if url.startswith(("http://", "https://")):
                child.attrSet("rel", "noreferrer")
        elif child.type == "link_close":
            if not links.pop():
                continue
        elif child.type == "image":
            child.attrSet("src", rewrite(str(child.attrGet("src") or "")) or "")
        shown.append(child)
    return shown


def _parser(*, pictures: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser if pictures else parser.disable("image")


def _table_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A region that the keyboard can scroll, named by its number and its columns."""
    table = renderer.renderToken(tokens, index, options, env)
    number = env["tables"] = env.get("tables", 0) + 1
    end = next(place for place in range(index, len(tokens)) if tokens[place].type == "thead_close")
    columns = ", ".join(words_of(token) for token in tokens[index:end] if token.type == "inline")
    return f'<div class="scroll" tabindex="0" role="region" aria-label="Table {number}: {escapeHtml(columns)}">{table}'


def _table_close(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"{renderer.renderToken(tokens, index, options, env)}</div>\n"


_PARSER = _parser(pictures=False)
_PARSER_WITH_PICTURES = _parser(pictures=True)
