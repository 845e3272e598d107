"""The catalog of models and tools: rows for what there is here, a quick look at what is off, and who changes them."""

from orchestration.catalog.approving import approve_until, resume, retire, suspend
from orchestration.catalog.changing import CannotChange, ChangedMeanwhile, NotAllowed, add, change, may_change, state_of
from orchestration.catalog.lining import bring_in_line, keep_in_line
from orchestration.catalog.looking import forget, is_off, look, per_minute, refusal, told_off, why_off
from orchestration.catalog.switching import switch

__all__ = [
    "CannotChange",
    "ChangedMeanwhile",
    "NotAllowed",
    "add",
    "approve_until",
    "bring_in_line",
    "change",
    "forget",
    "is_off",
    "keep_in_line",
    "look",
    "may_change",
    "per_minute",
    "refusal",
    "resume",
    "retire",
    "state_of",
    "suspend",
    "switch",
    "told_off",
    "why_off",
]
