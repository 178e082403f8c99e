"""What could not be used of the patient's data, and why. Reported beside the answer, never an exception."""

from __future__ import annotations

from typing import NamedTuple


class DataProblem(NamedTuple):
    """One thing set aside or doubtful. A tuple, because a hundred thousand of them have to be sorted quickly.

    ``resource``: ``Type/id``, or the place in the request where nothing better names it. ``problem``: a stable code
    such as ``UNIT_MISSING``. ``text``: one sentence that holds no patient data.
    """

    resource: str
    problem: str
    text: str
