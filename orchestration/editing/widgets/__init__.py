"""How a part of a document is shown in a form, and read from what the form sends."""

from orchestration.editing.widgets.contracts import Contract
from orchestration.editing.widgets.limits import Budget, Limits
from orchestration.editing.widgets.metrics import Metrics
from orchestration.editing.widgets.owners import Owner, Permission
from orchestration.editing.widgets.parts import Snippet
from orchestration.editing.widgets.reviews import Review
from orchestration.editing.widgets.rows import Branches, Mapping
from orchestration.editing.widgets.simple import Choice, Line, Number, Several, Text
from orchestration.editing.widgets.widget import Choices, Widget, Wrong

__all__ = [
    "Branches",
    "Budget",
    "Choice",
    "Choices",
    "Contract",
    "Limits",
    "Line",
    "Mapping",
    "Metrics",
    "Number",
    "Owner",
    "Permission",
    "Review",
    "Several",
    "Snippet",
    "Text",
    "Widget",
    "Wrong",
]
