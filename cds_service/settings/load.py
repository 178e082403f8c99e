"""Reading the settings: the command line goes before the environment, and a secret may stand in a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cds_service.errors import SettingsInvalid
from cds_service.settings.contradictions import contradictions
from cds_service.settings.model import PREFIX, SECRETS, Settings, accepted_form, variable

_LONGEST_SECRET = 10_000  # characters


@dataclass(frozen=True, slots=True)
class Reading:
    """What the environment says. ``origins``: for each setting default, environment, file or command line.

    ``wrong``: what is wrong with a setting, by its name; such a setting stands at its default in ``settings``.
    ``contradictions``: what the settings must not say together.
    """

    settings: Settings
    origins: dict[str, str]
    wrong: dict[str, str]
    contradictions: list[str]

    @property
    def faults(self) -> list[str]:
        """A line for each fault, which never repeats a value of a secret."""
        return [f"{variable(name)} {said}" for name, said in self.wrong.items()] + self.contradictions


def load_settings(*, serving: bool = True, **given: Any) -> Settings:
    """The settings from the environment; ``given`` (from the command line, ``None`` left out) goes before it.

    ``serving``: false for a command that does not listen, so that who may call does not matter.
    Raises: SettingsInvalid (CLM-4001) with one line for each wrong variable.
    """
    reading = read_settings(serving=serving, **given)
    if reading.faults:
        raise SettingsInvalid(
            "The service does not start with these settings:\n" + "\n".join(f"  - {fault}" for fault in reading.faults),
            hint="Every setting and its default: docs/reference/settings.md",
        )
    return reading.settings


def read_settings(*, serving: bool = True, **given: Any) -> Reading:
    """The settings, where each comes from, and all that is wrong with them. As :func:`load_settings`; never raises."""
    chosen = {name: value for name, value in given.items() if value is not None}
    origins = {name: _origin(name, chosen) for name in Settings.model_fields}
    secrets, wrong = _from_files()
    origins |= dict.fromkeys(secrets, "file")
    chosen = secrets | chosen
    try:
        settings = Settings(**chosen)
    except ValidationError as invalid:
        for fault in invalid.errors():
            name = str(fault["loc"][0])
            wrong[name] = f"{_said(fault['type'], fault['msg'])} (accepted: {accepted_form(name)})"
        settings = _best_effort(chosen, wrong)
    return Reading(settings, origins, wrong, contradictions(settings) if serving else [])


def unknown_variables() -> list[str]:
    """Names of ``CDS_`` variables in the environment that are no setting of this version: slips of the pen, perhaps."""
    known = {variable(name) for name in Settings.model_fields} | {file_variable(name) for name in SECRETS}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def file_variable(secret: str) -> str:
    """The variable that names the file in which a secret stands."""
    return f"{variable(secret)}_FILE"


def _from_files() -> tuple[dict[str, str], dict[str, str]]:
    """The secrets that stand in files, and what is wrong with those that cannot be had."""
    found: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name in SECRETS:
        path = _environment(file_variable(name))
        if path is None:
            continue
        if _environment(variable(name)) is not None:
            wrong[name] = f"and {file_variable(name)} are both set: keep one"
            continue
        try:
            found[name] = Path(path).read_text(encoding="utf-8")[:_LONGEST_SECRET].strip()
        except (OSError, ValueError):
            wrong[name] = f"cannot be read: {file_variable(name)} is not a readable text file"
    return found, wrong


def _environment(name: str) -> str | None:
    """A variable as pydantic-settings finds it: in any case of letters; an empty one counts as not set."""
    return next((value for key, value in os.environ.items() if key.upper() == name and value), None)


def _origin(name: str, chosen: Iterable[str]) -> str:
    if name in chosen:
        return "command line"
    return "default" if _environment(variable(name)) is None else "environment"


def _best_effort(chosen: dict[str, Any], wrong: Iterable[str]) -> Settings:
    """The settings without the wrong ones, so that contradictions among the rest are named in the same message."""
    without = {name: field.get_default() for name, field in Settings.model_fields.items() if name in wrong}
    settings = Settings(**(chosen | without))
    return settings.model_copy(update=without)


def _said(kind: str, message: str) -> str:
    return message.removeprefix("Value error, ") if kind == "value_error" else f"is not valid: {message}"
