"""A card as a frame in the terminal, as a person would see it: summary, detail, suggestions, links, source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text

_COLOURS = {"info": "blue", "warning": "yellow", "critical": "red"}


def print_cards(cards: Sequence[Mapping[str, Any]], console: Console) -> None:
    """How many cards there are, and each of them."""
    console.print(f"The service answers with {len(cards)} {'card' if len(cards) == 1 else 'cards'}:\n")
    for card in cards:
        console.print(card_panel(card))


def card_panel(card: Mapping[str, Any]) -> Panel:
    """One card. Another service's card may lack what the specification demands; what is there is shown."""
    parts: list[RenderableType] = [Text(card.get("summary", "(no summary)"), style="bold"), Text()]
    if "detail" in card:
        parts += [Markdown(card["detail"]), Text()]
    for suggestion in card.get("suggestions", ()):
        parts.append(Text(f"[ ] {suggestion['label']}", style="bold green"))
        parts += [
            Text(f"    {action['type']}: {action.get('description', '')}") for action in suggestion.get("actions", ())
        ]
    parts += [Text(f"-> {link['label']}: {link['url']}") for link in card.get("links", ())]
    parts.append(Text(f"Source: {card.get('source', {}).get('label', '(none)')}", style="dim"))
    indicator = str(card.get("indicator", "no indicator"))
    colour = _COLOURS.get(indicator, "white")
    return Panel(Group(*parts), title=Text(f"card ({indicator})"), title_align="left", border_style=colour)
