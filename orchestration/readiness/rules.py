"""The register of rules, and what each is given to look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise

from orchestration.documents import Lines, Problem
from orchestration.documents.outline import Placed, Spec
from orchestration.documents.problems import Path
from orchestration.models import Agent, Model, Tool
from orchestration.readiness.doors import Signed, Tried
from orchestration.readiness.findings import Finding

CALLING = ("model", "agent", "tool", "workflow")  # the kinds that ask something outside, and can take long
THINKING = ("model", "agent")


@dataclass(frozen=True, slots=True)
class Definition:
    """A document that can be looked through: its steps in their order, and where its parts stand."""

    document: Spec
    placed: list[Placed]
    problems: list[Problem]
    lines: Lines

    def of_kind(self, *kinds: str) -> list[Placed]:
        """The steps of these kinds."""
        return [step for step in self.placed if step.spec["kind"] in kinds]


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand here: who there is, which models and tools, what day it is, and what is signed."""

    people: frozenset[str]
    groups: Mapping[str, frozenset[str]]  # logins of the members who are active
    models: Mapping[str, Model]
    tools: Mapping[str, Tool]
    today: date
    signed: Signed
    tried: Tried | None = None
    agents: Mapping[str, Agent] = field(default_factory=dict)  # those that it names
    started: list[Problem] = field(default_factory=list)  # what is wrong with the workflows that it starts
    manager: str = ""  # the login of the owner's manager
    skilled: Mapping[str, frozenset[str]] = field(default_factory=dict)  # logins of those who have each skill it names


class Lack(NamedTuple):
    """What a rule found: at a step or the whole, and in which part of it."""

    what: str
    mend: str = ""
    step: Placed | None = None
    part: Path = ()
    line: int = 0

    @property
    def path(self) -> Path:
        """From the top of the document."""
        return (*self.step.path, *self.part) if self.step else self.part


type Look = Callable[[Definition, Facts], Iterator[Lack | None]]  # for each thing looked at; None where it holds


class Rule(NamedTuple):
    """One rule, by its name."""

    name: str
    level: str
    said: str | Promise
    look: Look


_rules: dict[str, Rule] = {}


def rule(name: str, level: str, said: str | Promise) -> Callable[[Look], Look]:
    """Register a rule. `said` is what it asks, as a sentence that holds when it is kept."""

    def register(look: Look) -> Look:
        _rules[name] = Rule(name, level, said, look)
        return look

    return register


def every() -> list[Rule]:
    """All rules: those that block first, in the order of their registration."""
    return sorted(_rules.values(), key=lambda one: one.level)


def found(one: Rule, lack: Lack, lines: Lines) -> Finding:
    """A lack as a finding."""
    key = lack.step.key if lack.step else ""
    return Finding(one.name, one.level, lack.what, lack.mend, key, lack.path, lack.line or lines.of(lack.path))
