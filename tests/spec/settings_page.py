"""The table of settings, made from the settings themselves; the rest of their page is written by hand."""

from __future__ import annotations

from pathlib import Path

from cds_service.settings import Settings
from cds_service.settings.load import file_variable
from cds_service.settings.model import SECRETS, accepted_form, variable
from cds_service.settings.words import in_words
from tests.spec.markdown import table

BEGIN = "<!-- The table is made by `make docs` from cds_service/settings/model.py. Do not edit it here. -->"
END = "<!-- End of the table. -->"
_COLUMNS = ["variable", "default", "accepts", "meaning"]


def settings_page(path: Path) -> str:
    """The page, with its table made anew. Raises: ValueError where the marks of the table are missing."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    old, mark, after = rest.partition(END)
    if not old or not mark:
        raise ValueError(f"{path.name} does not say where the table goes")
    return f"{before}{BEGIN}\n\n{settings_table()}\n\n{END}{after}"


def settings_table() -> str:
    """A line for each setting, and one for the file of each secret."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = in_words(name, field.get_default())
        shown = default if default in ("not set", "none") else f"`{default}`"
        lines.append([f"`{variable(name)}`", shown, accepted_form(name), field.description or ""])
        if name in SECRETS:
            meaning = f"A file in which `{variable(name)}` stands, in place of the variable itself."
            lines.append([f"`{file_variable(name)}`", "not set", "the path of a file", meaning])
    return table(_COLUMNS, lines)
