"""The model of a try is chosen: what the call needs is put together, and decided in `orchestration.routing`.

A worker's main thread does it, after whatever a person approved and before the act. Where no model is left the step
goes to a person with the reasons, never to a default; where all that is left only rests, it is tried again later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from django.db import transaction

from orchestration import call
from orchestration.credentials import KeyMissing, Way
from orchestration.executors import identity, ruled
from orchestration.executors.model import ASKED
from orchestration.executors.needed import LOWERED, needed, standing_class
from orchestration.executors.nobody import nobody
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Outcome
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.verdicts import Verdict
from orchestration.routing import budgets, candidates, cooling, deciding, figures, limits, reserving
from orchestration.routing.asked import Asked, Seen
from orchestration.routing.budgets import NEVER, Budget
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.route import Route
from orchestration.states import Point

__all__ = ["LOWERED", "look", "route", "routes", "standing_class"]

CLEARED = 3  # models that the rules are asked about: the first, and two to fall back on


@dataclass(slots=True)
class Cleared:
    """What the rules said of models: whom they forbid and why, whom they let pass, what is blacked out for these."""

    refused: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    asks: Verdict | None = None  # all whom the rules ask about any of these

    def take(self, model: str, verdict: Verdict) -> None:
        """Take in what they said of one."""
        if verdict.denies:
            self.refused[model] = verdict.why
            return
        self.kinds |= set(verdict.kinds)
        if verdict.asks:
            self.asks = verdict if self.asks is None else self.asks.beside(verdict)
        self.passed.append(model)


@dataclass
class Question:
    """One act that a model is to do, with what decides who: until it is decided. `approved`: as people let it be."""

    task: Task
    act: Act
    asked: Asked
    budgets: list[Budget]
    months: dict[str, Budget]  # of the models that are meant, by model
    meant: list[Candidate]
    approved: Act | None = None
    cleared: Cleared | None = None

    @property
    def keys(self) -> set[str]:
        """The keys of all budgets that its calls may count against."""
        return {one.key for one in (*self.budgets, *self.months.values())}

    @cached_property
    def ways(self) -> tuple[dict[str, Way], dict[str, str]]:
        """How the models are reached; and those whose key is not where it should be, each with a sentence."""
        return _ways(self.meant)


def routes(wanted: Sequence[tuple[Task, Act]]) -> list[Route | Outcome]:
    """Who may be asked to do each of these acts, from the best on; or what its step comes to where nobody may.

    What their calls may cost is reserved in the same transaction: the first call of each, then those that may follow.
    The rules are asked before, so that nobody waits for them. A few queries for all.
    """
    snapshot = candidates.snapshot()
    questions = [_question(task, act, snapshot) for task, act in wanted]
    keys = {key for question in questions for key in question.keys}
    if not keys:
        return [_decided(question, snapshot, {}) for question in questions]
    before = _ask_rules_before(questions, snapshot, keys)
    with transaction.atomic():
        used = budgets.used(keys)
        pairs = list(zip(questions, before, strict=True))
        came = [_decided(question, snapshot, used) if one is None else one for question, one in pairs]
        made = [(one, route) for one, route in zip(questions, came, strict=True) if isinstance(route, Route)]
        for question, route in made:
            reserving.more(route, used, _calls(question, route))
        budgets.save([row for one, route in made for row in budgets.reserve(one.task.held, route.reserved)])
    return came


def route(task: Task, act: Act) -> Route | Outcome:
    """The same for one act that is not done: nothing is reserved, no key is needed and no rule is asked."""
    snapshot = candidates.snapshot()
    return _decided(_question(task, act, snapshot), snapshot, {}, keys=False)


def look(task: Task, act: Act) -> Route:
    """The same for people who try it: how budgets stand is read and not locked, and who falls is told, never asked."""
    snapshot = candidates.snapshot()
    question = _question(task, act, snapshot)
    came = _decided(question, snapshot, budgets.standing(question.keys), keys=False)
    if isinstance(came, Route):
        return came
    assert came.spent.routing is not None
    return came.spent.routing


def _question(task: Task, act: Act, snapshot: Snapshot) -> Question:
    asked, plan = needed(task, act), plan_of(task.held.run.version)
    assert asked.today is not None
    meant = deciding.looked_at(asked.policy, snapshot)
    months = {model.name: budgets.of_model(model, asked.today) for model in meant}
    return Question(
        task,
        act,
        asked,
        budgets.of_step(task.held, plan.version.document, plan.works_for(task.step), asked.today),
        {name: one for name, one in months.items() if one is not None},
        meant,
    )


def _decided(question: Question, snapshot: Snapshot, used: dict[str, Decimal], *, keys: bool = True) -> Route | Outcome:
    if (above := identity.too_sensitive(question.task, question.asked.data.name)) is not None:
        return above
    task, made = question.task, _weighed(question, snapshot, used, keys=keys)
    if keys and not made.candidates and asking.says_anything(Point.MODEL):
        if (came := _ask_rules(question, made)) is not None:
            return came
        made = _weighed(question, snapshot, used)
    if not made.candidates:
        return nobody(task, question.act, made, question.budgets, used)
    if used:
        reserving.first(made, question.budgets, question.months, used)
    return made


def _weighed(question: Question, snapshot: Snapshot, used: Mapping[str, Decimal], *, keys: bool = True) -> Route:
    """Who passes the filters, from the best on, as far as is known until now; nobody before the rules were asked."""
    task, asked, meant = question.task, question.asked, question.meant
    months = question.months if used else {}
    ways, keyless = question.ways if keys else ({}, {})
    cleared = question.cleared or Cleared()
    seen = Seen(
        # A lone model is tried again as the step's own retry policy says, whatever others met with it.
        cooling={} if asked.policy.named else cooling.seconds(model.name for model in meant),
        months={name: one.limit - used.get(one.key, NEVER) for name, one in months.items()},
        figures=figures.of(task.held.run.workflow_id, task.step.key),
        busy=limits.busy(meant, asked.tokens_in + asked.output),
        refused=cleared.refused,
        keyless=keyless,
        left=min((one.limit - used.get(one.key, NEVER) for one in question.budgets), default=None),
    )
    made = Route(asked, snapshot, seen, deciding.decide(asked, snapshot, seen), ways=ways, act=question.approved)
    if keys and asking.says_anything(Point.MODEL):
        made.cleared, made.kinds = frozenset(cleared.passed), frozenset(cleared.kinds)
        signed = asking.look().signed
        made.rules = {"number": signed.number, "hash": signed.hash, "kinds": sorted(cleared.kinds)}
    return made


def _ask_rules_before(questions: Sequence[Question], snapshot: Snapshot, keys: set[str]) -> list[Outcome | None]:
    """Ask the rules by how budgets stand before they are locked. What a step comes to already, by its place."""
    if not asking.says_anything(Point.MODEL):
        return [None for _ in questions]
    standing = budgets.standing(keys)
    return [_ask_rules(question, _weighed(question, snapshot, standing)) for question in questions]


def _ask_rules(question: Question, made: Route) -> Outcome | None:
    """Ask them about as many models as are needed, from the best on; what the step comes to where a person must."""
    if (above := identity.too_sensitive(question.task, question.asked.data.name)) is not None:
        return above
    task, given = question.task, question.task.inputs()
    cleared = question.cleared = question.cleared or Cleared()
    known = replace(ruled.of_run(task), data_class=made.asked.data.name)
    known = replace(known, input=given if isinstance(given, dict) else {})
    left = [made.snapshot.by_name[one.name] for one in made.decided.ranked if one.name not in cleared.passed]
    while left and (wanted := CLEARED - len(cleared.passed)) > 0:
        asked, left = left[:wanted], left[wanted:]
        for model, verdict in zip(asked, ruled.asked_for_models(task, known, asked), strict=True):
            cleared.take(model.name, verdict)
    if cleared.asks is None:
        return None
    act = ruled.reviewed(task, question.act, cleared.asks)
    if not isinstance(act, dict):
        return act
    question.approved = act
    if act == question.act:
        return None
    question.asked = needed(task, act)
    if question.asked.data.name == made.asked.data.name:
        return None
    question.cleared = None  # what a person wrote is of another class: the rules are asked anew
    return _ask_rules(question, replace(made, asked=question.asked))


def _calls(question: Question, made: Route) -> int:
    """How many calls a try may make: an agent asks each model once; else each is told so often what is wrong."""
    each = 1 if question.task.step.kind == "agent" else ASKED + 1
    return each * min(len(made.candidates), CLEARED)


def _ways(models: Iterable[Candidate]) -> tuple[dict[str, Way], dict[str, str]]:
    ways, keyless = dict[str, Way](), dict[str, str]()
    for model in models:
        try:
            ways[model.name] = model.way
        except KeyMissing as error:
            keyless[model.name] = str(error)
            continue
        if not (model.secret or model.endpoint) and (lacks := call.lacks_key(model.route)):
            keyless[model.name] = f"{lacks} is not in the environment"
    return ways, keyless
