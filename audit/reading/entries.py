"""Looking through the record: which events a person may see, what narrows them, and the page of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from audit import sight
from audit.models import Leaf, Pending, User

KIND = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40})?")


@dataclass(frozen=True, slots=True)
class Sought:
    """What narrows the record: a kind or its part before the dot, a run, who acted."""

    kind: str = ""
    run: int | None = None
    person: int | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Sought":
        """What an address asks for; what it says wrongly is passed over."""
        kind = given.get("kind", "")
        return cls(kind if KIND.fullmatch(kind) else "", _whole(given.get("run", "")), _whole(given.get("person", "")))

    @property
    def address(self) -> dict[str, Any]:
        """What stands for it in an address."""
        told = {"kind": self.kind, "run": self.run, "person": self.person}
        return {name: value for name, value in told.items() if value}

    @property
    def query(self) -> str:
        """The same as a query string."""
        return urlencode(self.address)

    def conditions(self, prefix: str = "") -> dict[str, Any]:
        """The same as lookups, on events or on what points to them."""
        found: dict[str, Any] = {}
        if self.kind:
            found |= {"kind": self.kind} if "." in self.kind else {"kind__startswith": f"{self.kind}."}
        if self.run:
            found["run_id"] = self.run
        if self.person:
            found |= {"actor_kind": "person", "actor_id": str(self.person)}
        return {prefix + name: value for name, value in found.items()}


def may_see_all(user: User) -> bool:
    """Whether somebody may read events of everything."""
    return user.has_perm("audit.view_record")


def seen(user: User, prefix: str = "") -> Q:
    """Which events somebody may see: all for whoever reads the record, else those of workflows that they may see.

    Never those of a run that a veil hides from them. `prefix` leads from what is asked for to its event.
    """
    found = sight.unveiled(user, f"{prefix}run_id")
    return found if may_see_all(user) else found & Q(**{f"{prefix}workflow_id__in": sight.workflows_seen_by(user)})


def numbered(user: User, sought: Sought) -> QuerySet[Leaf]:
    """The events that have their number and that `user` may see, with all that a sentence needs."""
    leaves = Leaf.objects.select_related("event__personal").filter(**sought.conditions("event__"))
    return leaves.filter(seen(user, "event__"))


def waiting() -> int:
    """How many events still wait for their number."""
    return Pending.objects.all()[:1000].count()


def page(user: User, sought: Sought, before: int | None, after: int | None, limit: int) -> list[Leaf]:
    """Newest first from `before` on; with `after`, oldest first from there."""
    leaves = numbered(user, sought)
    if after is not None:
        return list(leaves.filter(leaf_index__gt=after).order_by("leaf_index")[:limit])
    if before is not None:
        leaves = leaves.filter(leaf_index__lt=before)
    return list(leaves.order_by("-leaf_index")[:limit])


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
