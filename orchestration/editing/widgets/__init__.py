"""How a part of a document is shown in a form, and read from what the form sends."""

from orchestration.editing.widgets.asking import Asks
from orchestration.editing.widgets.contracts import Contract
from orchestration.editing.widgets.limits import Budget, Limits
from orchestration.editing.widgets.metrics import Metrics
from orchestration.editing.widgets.owners import Owner, Permission
from orchestration.editing.widgets.parts import Snippet
from orchestration.editing.widgets.reviews import Review
from orchestration.editing.widgets.rows import Branches, Mapping
from orchestration.editing.widgets.simple import Choice, Line, Number, Several, Switch, Text
from orchestration.editing.widgets.widget import Choices, Widget, Wrong
from orchestration.editing.widgets.workers import Workers

__all__ = [
    "Asks",
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
    "Switch",
    "Text",
    "Widget",
    "Workers",
    "Wrong",
]
