"""Readiness: whether a definition may be published, rule by rule, each with its mend.

To add a rule: a function under `@rule` in one of the modules here. `check` looks, `refuse_unless_ready` is the door.
"""

from orchestration.readiness.checking import check
from orchestration.readiness.doors import Signed, Tried, reads_signatures, tries_cases
from orchestration.readiness.findings import BLOCKS, WARNS, Finding, NotReady, Report, refuse_unless_ready

__all__ = [
    "BLOCKS",
    "WARNS",
    "Finding",
    "NotReady",
    "Report",
    "Signed",
    "Tried",
    "check",
    "reads_signatures",
    "refuse_unless_ready",
    "tries_cases",
]
