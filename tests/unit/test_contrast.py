"""Colours of the stylesheet against what they stand on: WCAG 2.2 AA, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cds_service.web

STYLE = (Path(cds_service.web.__file__).parent / "static" / "style.css").read_text(encoding="utf-8")
_DARK = "prefers-color-scheme: dark"


def colours(*, dark: bool) -> dict[str, tuple[float, ...]]:
    """The colour variables of one scheme; the dark one overrides those of the light one."""
    found: dict[str, tuple[float, ...]] = {}
    for match in re.finditer(r"(@media[^{]*\{\s*)?:root\s*\{([^}]*)\}", STYLE):
        if (_DARK in (match[1] or "")) and not dark:
            continue
        for name, value in re.findall(r"--([\w-]+):\s*#([0-9a-fA-F]{3,6})\b", match[2]):
            digits = value if len(value) == 6 else "".join(letter * 2 for letter in value)
            found[name] = tuple(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return found


def luminance(colour: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = ["pic-met", "pic-caution", "pic-not-met", "pic-unknown", "pic-muted", "ink", "link", "warn"]
DRAWN = ["pic-lesion", "pic-mark", "pic-lung-line", "pic-not-met", "pic-unknown"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", TEXT)
def test_text_can_be_read(name: str, dark: bool) -> None:
    scheme = colours(dark=dark)
    assert contrast(scheme[name], scheme["paper"]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "pic-lung"])
@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_can_be_seen(name: str, ground: str, dark: bool) -> None:
    scheme = colours(dark=dark)
    assert contrast(scheme[name], scheme[ground]) >= 3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_number_within_a_lesion_can_be_read(dark: bool) -> None:
    scheme = colours(dark=dark)
    assert contrast(scheme["paper"], scheme["pic-lesion"]) >= 4.5


def test_black_on_white_is_the_highest_contrast() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
