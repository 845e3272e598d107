"""The text that a new workflow begins with: what every workflow must say, one step, and a word on the rest."""

import re
import unicodedata

from audit.models import User
from orchestration.documents.dumping import dump

BEGINNING = """\
# Every text beside `if`, `input`, `title`, `label` and the like is an expression (CEL): it reads `input` and the
# outputs of earlier steps as `steps.<key>`. The form, this text and the graph are three views of the same draft.
"""


def source(*, slug: str, name: str, purpose: str, owner: User) -> str:
    """A document for `owner`, whose groups may see, start and manage it."""
    groups = sorted(owner.groups.values_list("name", flat=True))
    outcome = {
        "key": "outcome",
        "name": "Outcome",
        "kind": "outcome",
        "purpose": "Say what came of it.",
        "owner": {"user": owner.username},
        "label": "'done'",
        "success": "true",
        "permission": {"see": groups, "run": groups},
        "metrics": [{"name": "Done", "kind": "cel", "expression": "output.success", "target": 0.9}],
        "limits": {"seconds": 5},
    }
    document = {
        "slug": slug,
        "name": name,
        "purpose": purpose,
        "risk": "limited",
        "owner": owner.username,
        "title": "'A run'",
        "groups": {"see": groups, "start": groups, "decide": [], "manage": groups},
        "input": {"type": "object", "required": [], "additionalProperties": False, "properties": {}},
        "steps": [outcome],
    }
    return BEGINNING + dump(document)


def slug_of(name: str) -> str:
    """What a name becomes in an address: letters without marks, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-") or "workflow"
