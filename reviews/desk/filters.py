"""What narrows a list of the inbox. It stands in the address, so that a list can be kept, shared and come back to."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from audit.models import User
from orchestration.models import Step, Workflow
from reviews.desk import finding
from reviews.models import UNSURE, Draft, ReviewQuerySet

MOST_STEPS = 100
LONGEST = 80  # characters of a name
PRIORITIES = ("0", "1", "2")


class Chip(NamedTuple):
    """One thing that is asked for: what it is called, and the address without it."""

    name: str
    value: str
    without: str


@dataclass(frozen=True)
class Filters:
    """What an address asks for; what makes no sense in it is passed over."""

    workflow: str = ""
    step: str = ""
    priority: str = ""
    unsure: str = ""
    draft: str = ""
    q: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """Those of an address."""
        given = {one.name: " ".join(asked.get(one.name, "").replace("\0", "").split()) for one in fields(cls)}
        given = {name: text[: finding.LONGEST if name == "q" else LONGEST] for name, text in given.items()}
        given["priority"] = given["priority"] if given["priority"] in PRIORITIES else ""
        given["q"] = given["q"] if finding.words(given["q"]) else ""
        return cls(**given | {name: "1" for name in ("unsure", "draft") if given[name]})

    @cached_property
    def place(self) -> dict[str, str]:
        """As it stands in an address."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}

    @property
    def asks_index(self) -> bool:
        """Whether the index of words has to be asked."""
        return bool(self.q or self.step)

    def on(self, found: ReviewQuerySet, user: User) -> ReviewQuerySet:
        """Those of a list that are asked for, but for what the index of words has to say."""
        if self.workflow:
            found = found.filter(workflow__slug=self.workflow)
        if self.priority:
            found = found.filter(priority=int(self.priority))
        if self.unsure:
            found = found.filter(confidence__lt=UNSURE)
        if self.draft:
            found = found.filter(pk__in=Draft.objects.filter(user=user).values("review"))
        return found

    def chips(self, tab: str, names: Mapping[str, str]) -> list[Chip]:
        """What is asked for, in words."""
        said = {
            "workflow": (_("Workflow"), names.get(self.workflow, self.workflow)),
            "step": (_("Step"), self.step),
            "priority": (_("Priority"), _priorities().get(self.priority, "")),
            "unsure": (_("Low confidence"), ""),
            "draft": (_("Your drafts"), ""),
            "q": (_("Words"), self.q),
        }
        return [Chip(*said[name], self._without(name, tab)) for name in self.place]

    def _without(self, name: str, tab: str) -> str:
        left = {"list": tab, **{one: value for one, value in self.place.items() if one != name}}
        return f"?{urlencode(left)}"


def _priorities() -> dict[str, str]:
    return {"0": _("Urgent"), "1": _("Usual"), "2": _("Can wait")}


class Choices(NamedTuple):
    """What a person may choose from."""

    workflows: dict[str, str]
    steps: list[str]
    priorities: dict[str, str]


def choices(user: User) -> Choices:
    """The workflows that one sees, and the reviewed steps of their versions in use: two queries."""
    seen = Workflow.objects.allowed(user, "view").order_by("name")
    rows = list(seen.values_list("slug", "name", "current"))
    current = [version for _slug, _name, version in rows if version]
    steps = Step.objects.filter(version__in=current, spec__has_key="review").order_by("key")
    keys = steps.values_list("key", flat=True).distinct()[:MOST_STEPS]
    return Choices({slug: name for slug, name, _version in rows}, list(keys), _priorities())
