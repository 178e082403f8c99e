"""A clinical content of two rules, so that the loader is tested with words and numbers that no clinician changes."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "knowledge.toml": """
version = "3.2.1"
status = "of a test"
reviewer_role = "nobody"
chapters = ["gates", "size"]
rows = ["size"]
orderings = ["size.best <= size.most"]

[forbidden]
cards = ["operable"]
everywhere = ["erbin"]
""",
    "parameters.toml": """
review_by = 2027-11-01

[size.best]
title = "Best size"
value = 20
unit = "mm"
comparison = "<="
rules = ["A-01"]
sources = ["ye-2018"]
certainty = ["V"]

[size.most]
title = "Largest size"
value = 30
unit = "mm"
comparison = "<="
rules = ["A-01"]
sources = ["liu-2018"]
certainty = ["V2"]

[size.policy]
title = "What counts as the size"
value = "longest"
choices = ["longest", "shortest"]
rules = ["A-02"]
sources = ["liu-2018"]
certainty = ["V", "M"]
""",
    "rules/gates.toml": """
[A-02]
title = "Policy"
statement = "The longest size is compared."
evidence = ["liu-2018", "only-here"]
parameters = ["size.policy"]
certainty = ["V"]
text_only = "A rule of words."
""",
    "rules/size.toml": """
[A-01]
title = "Size"
statement = "Above the largest size nothing is offered."
evidence = ["ye-2018"]
parameters = ["size.best", "size.most"]
certainty = ["V2", "D"]
therapies = ["ablation"]
topic = "size"
row = "Size"
need = "SIZE"

[A-01.reasons.LARGE]
text = "Large: above {size.most} mm ({side}, {where})."

[A-01.reasons.SMALL]
text = "Small."
when = "emphysema"
result = "CONDITIONAL"

[A-03]
title = "Size of the other"
statement = "The same for another therapy."
evidence = ["ye-2018"]
certainty = ["V"]
therapies = ["sbrt"]
topic = "size"

[A-03.reasons.LARGE]
same_as = "A-01"
""",
    "evidence.toml": """
[ye-2018]
label = "Ye 2018"
citation = "Ye."
finding = "Does best below 20 mm."
verified = ["V"]
doi = "10.1000/ye"

[liu-2018]
label = "Liu 2018"
citation = "Liu."
finding = "Not above 30 mm."
verified = ["V2"]

[only-here]
label = "Cited once"
citation = "Nobody."
finding = "Nothing."
verified = ["M"]
""",
    "wording.toml": """
[placeholders]
reason = ["side", "where"]
summary = ["order"]

[longest]
side = "right"
where = "RUL, RLL"
order = "Lobectomy of lung"

[limits]
reason = 60
summary = 60

[need]
SIZE = "Measure the size."

[flag]
SIDES = "Sides differ."

[gate]
A-01 = "Not assessed."

[therapy]
ablation = "thermal ablation"
sbrt = "SBRT"

[summary]
order = "{order}: refer to the MDT"
""",
}


def write(folder: Path) -> Path:
    """Write the content into a folder, which is made. Returns: the folder."""
    (folder / "rules").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
