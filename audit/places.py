"""Where an object belongs in the ledger."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object belongs: its run and workflow, and the labels an entry about it needs."""

    run_id: int | None = None
    workflow_id: int | None = None
    labels: dict[str, Any] | None = None
