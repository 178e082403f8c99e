"""The values that decisions are made of: small, frozen, compared and hashed by what they hold."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

__all__ = ["ValueObject", "replace", "value_field"]

value_field = msgspec.field
"""A field with a default that is made anew for each value."""


class ValueObject(msgspec.Struct, frozen=True, gc=False):
    """A value that never changes; :func:`replace` gives a changed copy.

    A Struct is made in a tenth of the time of a frozen dataclass, and a call makes thousands. The garbage collector
    need not follow them, as no value holds itself. Each class says ``frozen=True`` again, for those who check types.
    """
