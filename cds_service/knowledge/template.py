"""A text with placeholders: ``{count}`` comes from the caller, ``{rfa.minPlatelets10e9L}`` from the parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from cds_service.values import ValueObject

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.]*)\}")


class Template(ValueObject, frozen=True):
    """One wording, with the names that the caller has to give. Values are put in as they are, never read again."""

    key: str
    pattern: str
    names: frozenset[str]
    parts: tuple[str, ...]  # what stands between the names, and the names, in turn

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its values. Raises: KeyError when a value is missing, which is a defect of the caller."""
        if not self.names:
            return self.pattern
        try:
            filled = list(self.parts)
            filled[1::2] = [values[name] for name in self.parts[1::2]]
            return "".join(filled)
        except KeyError:
            missing = self.names - values.keys()
            raise KeyError(f"text {self.key} needs {', '.join(sorted(missing))}") from None


def placeholders(text: str) -> tuple[str, ...]:
    """Every name between braces, in order."""
    return tuple(_PLACEHOLDER.findall(text))


def template(key: str, text: str, parameters: Mapping[str, str]) -> Template:
    """A template with its parameters already filled in. A dotted name that is no parameter stays a name."""
    pattern = _PLACEHOLDER.sub(lambda match: parameters.get(match[1], match[0]), text)
    return Template(key, pattern, frozenset(placeholders(pattern)), tuple(_PLACEHOLDER.split(pattern)))


def number_text(value: Decimal) -> str:
    """A number as a person writes it: ``5.0`` is ``5``, ``1.50`` is ``1.5``, never ``1E+1``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
