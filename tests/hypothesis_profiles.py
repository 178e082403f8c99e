"""How many examples the property tests try, for all of them in one place.

``HYPOTHESIS_PROFILE`` chooses: ``fast`` (a quarter; the default), ``ci`` (what the tests ask for; the default where
``CI`` is set) or ``nightly`` (twenty times as many, other ones each time). No example has a deadline: how fast the
machine is decides nothing. But for ``nightly`` the same examples are tried each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SHARES = {"fast": 0.25, "ci": 1.0, "nightly": 20.0}
"""The share of the examples that a test asks for."""
_FEWEST = 5
_USUAL = 100
#: Slow or large examples, and a fixture that all examples of a test share, are meant.
_MEANT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)


def chosen() -> str:
    """The name of the profile that is used."""
    return os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "fast")


def examples(asked_for: int) -> settings:
    """Settings of a test that asks for so many examples, of which the profile tries its share."""
    return settings(max_examples=max(_FEWEST, round(asked_for * SHARES[chosen()])))


def load() -> None:
    """Load the chosen profile. Raises: hypothesis.errors.InvalidArgument for an unknown name."""
    for name, share in SHARES.items():
        settings.register_profile(
            name,
            max_examples=round(_USUAL * share),
            deadline=None,
            derandomize=name != "nightly",
            suppress_health_check=_MEANT,
        )
    settings.load_profile(chosen())
