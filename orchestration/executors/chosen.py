"""The model of a try is chosen: what the call needs is put together here, and decided in `orchestration.routing`.

A worker's main thread does it, after whatever a person approved and before the act. Where no model is left the step
goes to a person with the reasons, never to a default; where all that is left only rests, it is tried again later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import transaction

from audit.canonical import canonical
from orchestration import call, retries
from orchestration.credentials import KeyMissing, Way
from orchestration.executors import ruled
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Failed, Outcome, Spent, Waiting
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.references import names_read, steps_read
from orchestration.routing import budgets, candidates, classes, cooling, deciding, figures, sentences
from orchestration.routing.asked import Asked, Classed, Seen
from orchestration.routing.budgets import Budget
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.deciding import Decided
from orchestration.routing.policy import OUTPUT, Policy
from orchestration.routing.route import Route
from orchestration.scopes import CLASSES
from orchestration.states import Awaits, Point

BYTES_A_TOKEN = 3  # rather too many tokens than too few
READING = ("input", "over")  # parts of a step that read what others wrote
LOWERED = "lowered"  # in an answer: the data class that a person lets it fall to
NOTHING = Decimal(0)
BUDGETED = frozenset({"budget", "price_unknown"})
CLEARED = 3  # models that the rules are asked about: the first, and two to fall back on
PASSING = frozenset({"cooling", "busy"})  # filters that pass by themselves
SOON = 1.0  # seconds, at the least, until a model that rests is asked again


@dataclass(slots=True)
class Question:
    """One act that a model is to do, with what decides who: until it is decided."""

    task: Task
    act: Act
    asked: Asked
    budgets: list[Budget]
    meant: list[Candidate]


def routes(wanted: Sequence[tuple[Task, Act]]) -> list[Route | Outcome]:
    """Who may be asked to do each of these acts, from the best on; or what its step comes to where nobody may.

    What their calls may cost is reserved in the same transaction. A few queries for all of them.
    """
    snapshot = candidates.snapshot()
    questions = [_question(task, act, snapshot) for task, act in wanted]
    if not any(question.budgets or _of_models(question) for question in questions):
        return [_decided(question, snapshot, {}) for question in questions]
    with transaction.atomic():
        used = budgets.used(_keys(questions))
        came = [_decided(question, snapshot, used) for question in questions]
        made = [(one.task.held, came_to) for one, came_to in zip(questions, came, strict=True)]
        held_back = [(held, one.reserved) for held, one in made if isinstance(one, Route) and one.reserved]
        budgets.save([row for held, amounts in held_back for row in budgets.reserve(held, amounts)])
    return came


def route(task: Task, act: Act) -> Route | Outcome:
    """The same for one act that is not done: nothing is reserved, and no key is needed."""
    snapshot = candidates.snapshot()
    return _decided(_question(task, act, snapshot), snapshot, {}, keys=False)


def look(task: Task, act: Act) -> Route:
    """The same for people who try it: how budgets stand is read and not locked, and who falls is told, never asked."""
    snapshot = candidates.snapshot()
    question = _question(task, act, snapshot)
    came = _decided(question, snapshot, budgets.standing(_keys([question])), keys=False)
    if isinstance(came, Route):
        return came
    assert came.spent.routing is not None
    return came.spent.routing


def _question(task: Task, act: Act, snapshot: Snapshot) -> Question:
    asked, document = needed(task, act), plan_of(task.held.run.version).version.document
    assert asked.today is not None
    return Question(
        task,
        act,
        asked,
        budgets.of_step(task.held, document, task.step.spec, asked.today),
        deciding.looked_at(asked.policy, snapshot),
    )


def _of_models(question: Question) -> dict[str, Budget]:
    """The budgets of the months of the models that are meant, by model."""
    assert question.asked.today is not None
    found = {model.name: budgets.of_model(model, question.asked.today) for model in question.meant}
    return {name: one for name, one in found.items() if one is not None}


def _keys(questions: Sequence[Question]) -> set[str]:
    return {one.key for question in questions for one in (*question.budgets, *_of_models(question).values())}


def _decided(question: Question, snapshot: Snapshot, used: dict[str, Decimal], *, keys: bool = True) -> Route | Outcome:
    task, asked, meant = question.task, question.asked, question.meant
    months = _of_models(question) if used else {}
    ways, keyless = _ways(meant) if keys else ({}, {})
    seen = Seen(
        # A lone model is tried again as the step's own retry policy says, whatever others met with it.
        cooling={} if asked.policy.named else cooling.seconds(model.name for model in meant),
        months={name: one.limit - used.get(one.key, Decimal(0)) for name, one in months.items()},
        figures=figures.of(task.held.run.workflow_id, task.step.key),
        keyless=keyless,
        left=min((one.limit - used.get(one.key, Decimal(0)) for one in question.budgets), default=None),
    )
    made = Route(asked, snapshot, seen, deciding.decide(asked, snapshot, seen), ways=ways)
    if made.decided.ranked and keys and asking.says_anything(Point.MODEL):
        came = _as_rules_say(question, made)
        if not isinstance(came, Route):
            return came
        made = came
    if not made.candidates:
        return _nobody(task, question, made)
    if task.step.kind == "agent":
        made.facts = ruled.of_run(task)
    if question.budgets or months:
        _reserve(made, question, months, used)
    return made


def _as_rules_say(question: Question, made: Route) -> Route | Outcome:
    """The route without those that a rule forbids: as many are asked about as are needed, from the best on."""
    task, cleared, refused = question.task, list[str](), dict[str, str]()
    kinds, strictest = set[str](), None
    given = task.inputs()
    known = replace(ruled.of_run(task), data_class=made.asked.data.name)
    for one in made.decided.ranked:
        model = made.snapshot.by_name[one.name]
        facts = replace(known, model=model.name, region=model.region, input=given if isinstance(given, dict) else {})
        verdict = ruled.asked_for_model(task, facts)
        if verdict.denies:
            refused[model.name] = verdict.why
            continue
        kinds |= set(verdict.kinds)
        strictest = strictest or (verdict if verdict.asks else None)
        cleared.append(model.name)
        if len(cleared) == CLEARED:
            break
    seen = replace(made.seen, refused=refused)
    decided = deciding.decide(made.asked, made.snapshot, seen)
    ruleset = asking.look().signed
    made = replace(
        made,
        seen=seen,
        decided=decided,
        cleared=frozenset(cleared),
        kinds=frozenset(kinds),
        rules={"number": ruleset.number, "hash": ruleset.hash, "kinds": sorted(kinds)},
    )
    if strictest is not None:
        act = ruled.reviewed(task, question.act, strictest)
        if not isinstance(act, dict):
            return act
        made.act = act
    return made


def _reserve(made: Route, question: Question, months: Mapping[str, Budget], used: dict[str, Decimal]) -> None:
    """Hold back what the dearest of those that may be asked can cost, and for each model's month what it can."""
    most = {model.name: model.price(made.asked.tokens_in, made.asked.output) or NOTHING for model in made.candidates}
    dearest = max(most.values())
    made.reserved = {one.key: dearest for one in question.budgets}
    made.reserved |= {months[name].key: cost for name, cost in most.items() if name in months}
    for key, amount in made.reserved.items():
        used[key] = used.get(key, NOTHING) + amount


def needed(task: Task, act: Act) -> Asked:
    """What the call needs, by its step and by what it will send."""
    policy, sent = Policy.of(task.step.spec), canonical({"messages": act["messages"]})
    return Asked(
        policy,
        data=classed(task, act),
        risk=str(plan_of(task.held.run.version).version.document.get("risk", "high")),
        tokens_in=len(sent) // BYTES_A_TOKEN,
        output=policy.output or OUTPUT,
        needs=frozenset({"tools"} if act.get("tools") else ()),
        today=datetime.now(UTC).date(),
    )


def classed(task: Task, act: Act) -> Classed:
    """The data class of the call, with its sources."""
    lowered = str((task.held.answer or {}).get(LOWERED, ""))
    return classes.classed(task.step.spec.get("data", ""), _carried(task), act["messages"], lowered=lowered)


def standing_class(task: Task) -> str:
    """The data class of a step that asks no model: what it declares and what it reads carry; "" where none is said."""
    said = [*_carried(task).values(), *filter(None, [task.step.spec.get("data")])]
    return classes.highest(said) if said else ""


def _carried(task: Task) -> Mapping[str, str]:
    """The classes of the steps that it reads; of all of them where it reads an item, which came from anywhere."""
    known: Mapping[str, str] = task.scope.get(CLASSES, {})
    if not known:
        return known
    read = _read(tuple(text for name in READING for text in _texts(task.step.spec.get(name))))
    return known if read is None else {key: known[key] for key in read if key in known}


def _texts(said: Any) -> Iterable[str]:
    return said.values() if isinstance(said, dict) else [said] if isinstance(said, str) else ()


@lru_cache(maxsize=4096)
def _read(texts: tuple[str, ...]) -> frozenset[str] | None:
    """The steps whose outputs are read; None where that cannot be told."""
    if any("item" in names_read(text) for text in texts):
        return None
    return frozenset(key for text in texts for key in steps_read(text))


def _ways(models: Iterable[Candidate]) -> tuple[dict[str, Way], dict[str, str]]:
    """How models are reached; and those whose key is not where it should be, each with a sentence."""
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


def _nobody(task: Task, question: Question, made: Route) -> Outcome:
    """A person decides how it goes on; unless a budget says stop, or waiting alone helps and the step may wait."""
    told = sentences.nobody(made.decided)
    spent = Spent(prompt=question.act["messages"], routing=made)
    if (gone := _gone(question, made)) is not None:
        told = f"{told} The budget of {gone.called} (${gone.limit}) does not hold this call."
        if gone.crossing == budgets.STOP:
            return Failed(told, spent=spent, code="budget")
    if (rest := _passes_in(made.decided, made.seen)) is not None:
        later = Failed(told, retry=True, spent=spent, code="busy", after=max(rest, SOON))
        if retries.judge(task.held, later).wait is not None:
            return later
    asked = {"step": task.step.key, "act": question.act, "unknown": told, "nobody": True}
    return Waiting(asked, spent, awaits=Awaits.OUTCOME)


def _gone(question: Question, made: Route) -> Budget | None:
    """The budget that leaves least, where that is what every model fell at that fell at nothing before it."""
    if not question.budgets or not any(fell[0].code in BUDGETED for _, fell in made.decided.fell):
        return None
    return min(question.budgets, key=lambda one: one.limit)


def _passes_in(decided: Decided, seen: Seen) -> float | None:
    """Seconds until a model may be asked that nothing but time keeps back; None where there is none."""
    resting = [name for name, fell in decided.fell if {one.code for one in fell} <= PASSING]
    return min((seen.cooling.get(name, SOON) for name in resting), default=None)
