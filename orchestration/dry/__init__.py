"""Dry runs: the engine itself, in one transaction that is never committed, with every outside effect off.

`run` tries a text on an input, and says the path that it would take; `cases` tries the test cases of a document.
"""

from orchestration.dry.course import Asked, Course, Outside, Passed, Stop
from orchestration.dry.running import CannotTry, definition, run
from orchestration.dry.script import Answer, Script, of_case, of_run

__all__ = [
    "Answer",
    "Asked",
    "CannotTry",
    "Course",
    "Outside",
    "Passed",
    "Script",
    "Stop",
    "definition",
    "of_case",
    "of_run",
    "run",
]
