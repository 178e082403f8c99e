"""What could not be used of the patient's data, and why. Reported beside the answer, never an exception."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class DataProblem:
    """One thing set aside or doubtful.

    ``resource``: ``Type/id``, or the place in the request where nothing better names it. ``problem``: a stable code
    such as ``UNIT_MISSING``. ``text``: one sentence that holds no patient data.
    """

    resource: str
    problem: str
    text: str
