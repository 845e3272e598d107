"""What the rules say about a try: before its run begins, before a tool is called, before work is handed over or
released. Each answer is kept with the try. Rules are asked again just before an act, also of what a person approved:
only a stricter answer asks a person again.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from orchestration import rights, tools, waived
from orchestration.contents import open_up
from orchestration.executors.points import APPROVED, decision, question, released
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Failed, Outcome, Waiting
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.asking import Asked
from orchestration.policies.facts import Facts
from orchestration.policies.verdicts import NOBODY_SAID, Ask, Obligations, Verdict
from orchestration.routing import classes, detectors, redaction
from orchestration.states import DataClass, Effect, Point
from orchestration.tools import Tool

MINUTES = 24 * 60  # for a question of which no rule says how long it may take
MOST = 10  # people that one question asks


def of_run(task: Task) -> Facts:
    """What is known of whatever a step does: its run, its step, who started it."""
    run = task.held.run
    document, starter = plan_of(run.version).version.document, rights.known(run.started_by_id)
    return Facts(
        workflow=document["slug"],
        step=task.step.key,
        agent=task.step.key if task.step.kind == "agent" else None,
        data_class=task.held.data_class or task.step.spec.get("data") or DataClass.INTERNAL,
        risk=document.get("risk", "high"),
        groups=starter.groups,
        starter=starter.name,
        amount=None,
    )


def before_first(task: Task, act: Act) -> Act | Outcome:
    """Whether the run may go on at all: asked where its first step begins."""
    if task.held.parent_id is not None or plan_of(task.held.run.version).first() != task.step:
        return act
    if not asking.says_anything(Point.START):
        return act
    given = open_up(task.held.run.input)
    data = classes.highest([classes.LOWEST, *detectors.kinds(given).values()])
    facts = replace(of_run(task), step=None, agent=None, data_class=data, amount=amount(given), input=given)
    return _held_to(task, act, Point.START, facts)


def before_call(task: Task, act: Act) -> Act | Outcome:
    """Whether a tool may be called, and with what."""
    return _held_to(task, act, Point.TOOL, _of_tool(task, act))


def _of_tool(task: Task, act: Act) -> Facts:
    tool = tools.get(str(act["tool"]).partition("@")[0])
    return replace(
        of_run(task),
        tool=tool.name,
        tool_effect=tool.effect,
        outside=tool.leaves_house,
        amount=amount(act["arguments"]),
        input=act["arguments"],
        reviewed=_is_reviewed(task),
        waived=_is_waived(task),
    )


def before_handing_over(task: Task, act: Act) -> Act | Outcome:
    """Whether another workflow may be given this."""
    return _held_to(task, act, Point.HANDOVER, replace(of_run(task), input=act.get("input", {})))


def before_release(task: Task, act: Act) -> Act | Outcome:
    """Whether the outcome may be told."""
    facts = replace(of_run(task), outside=False, input=act, reviewed=_is_reviewed(task))
    return _held_to(task, act, Point.RELEASE, facts)


def refusal_of_tool(task: Task, tool: Tool, arguments: dict[str, Any]) -> str:
    """Why an agent may not call a tool with this, by the rules as they were last seen; "" where it may.

    It cannot wait for a person in the middle of its talk, so what wants one is refused too.
    """
    known = task.route.facts if task.route else None
    facts = replace(
        known or of_run(task),
        tool=tool.name,
        tool_effect=tool.effect,
        outside=tool.leaves_house,
        amount=amount(arguments),
        input=arguments,
        waived=_is_waived(task),
    )
    verdict = asking.ask_as_seen(Point.TOOL, facts)
    run = task.held.run
    task.held.checks = [*task.held.checks, Asked(Point.TOOL, facts, verdict, run.workflow_id, run.pk, task.held.pk)]
    if verdict.effect == Effect.REDACT:
        return f"{verdict.why} An agent cannot be given less than it asks for."
    return "" if verdict.effect == Effect.ALLOW else verdict.why


def asked_for_model(task: Task, facts: Facts) -> Verdict:
    """What the rules say to one model; kept with the try."""
    return _ask(task, Point.MODEL, facts)


def _ask(task: Task, point: str, facts: Facts) -> Verdict:
    verdict = asking.ask(point, facts)
    if verdict.matched or verdict.effect != Effect.ALLOW or asking.says_anything(point):
        run = task.held.run
        kept = Asked(point, facts, verdict, run.workflow_id, run.pk, task.held.pk)
        task.held.checks = [*task.held.checks, kept]
    return verdict


def _held_to(task: Task, act: Act, point: str, facts: Facts) -> Act | Outcome:
    verdict = _ask(task, point, facts)
    match verdict.effect:
        case Effect.DENY:
            return Failed(verdict.why, code="rule")
        case Effect.REVIEW:
            return reviewed(task, act, verdict)
        case Effect.REDACT:
            return redaction.black_out(act, verdict.kinds)
    return act


def reviewed(task: Task, act: Act, verdict: Verdict) -> Act | Outcome:
    """The act where those have approved it whom the rules ask for; else the question to them."""
    answer, asked = decision(task), open_up(task.held.question) or {}
    if answer is not None and "review" in asked and task.step.review.get("when") != "before":
        came = released(answer, act)
        if not isinstance(came, dict):
            return came
        act = came
    approved = _approved(task, asked) if answer is not None and answer["verdict"] == APPROVED else Obligations()
    wanted = Obligations(_named(task, verdict.asks))
    if approved.covers(wanted):
        return act
    told = {"review": _section(task, verdict, wanted), "rules": {**wanted.as_json(), "number": verdict.ruleset.number}}
    return Waiting({**question(task, "before", act), **told})


def with_more(task: Task, act: Act, asked: Waiting) -> Waiting:
    """The question of a step's own review, put to those too whom the rules ask for."""
    facts = replace(_of_tool(task, act), reviewed=True)
    wanted = Obligations(_named(task, _ask(task, Point.TOOL, facts).asks))
    own = _approved(task, {})
    if own.covers(wanted):
        return asked
    more = [ask.group for ask in wanted.asks for _ in range(ask.many - _times(own, ask.group))]
    review = task.step.review
    then = [*review.get("then", []), *({"group": group} for group in more)][: MOST - 1]
    told = {"review": {**review, "then": then}, "rules": Obligations((*own.asks, *wanted.asks)).as_json()}
    return replace(asked, question={**asked.question, **told})


def _times(own: Obligations, group: str) -> int:
    return sum(ask.many for ask in own.asks if ask.group == group)


def _approved(task: Task, asked: dict[str, Any]) -> Obligations:
    """What those who approved it were asked for: by rules, or by the step's own review."""
    if "rules" in asked:
        return Obligations.of_json({"asks": asked["rules"]["asks"]})
    review = task.step.review
    groups = [review["group"], *(one["group"] for one in review.get("then", []))] if "group" in review else []
    return Obligations(tuple(Ask(group, groups.count(group), True, 0) for group in dict.fromkeys(groups)))


def _named(task: Task, asks: Iterable[Ask]) -> tuple[Ask, ...]:
    """The same, with a group where the safe default names none: whoever reviews the step, or manages the workflow."""
    groups = plan_of(task.held.run.version).version.document["groups"]
    usual = task.step.review.get("group") or next(iter([*groups["decide"], *groups["manage"]]), "admin")
    return tuple(replace(ask, group=ask.group or usual) if ask.group == NOBODY_SAID else ask for ask in asks)


def _section(task: Task, verdict: Verdict, wanted: Obligations) -> dict[str, Any]:
    """A review section for what the rules ask: every place another person, in the groups that they name."""
    first, *then = [ask.group for ask in wanted.asks for _ in range(ask.many)][:MOST]
    due = min((ask.minutes for ask in wanted.asks if ask.minutes), default=MINUTES)
    rule = next((one.key for one in verdict.matched if one.effect == Effect.REVIEW), "safe-default")
    run = plan_of(task.held.run.version).version.document["name"]
    section = {
        "when": "before",
        "group": first,
        "title": json.dumps(f"{task.step.name}: {task.held.run.title or run}"[:200]),
        "why": [{"rule": rule, "sentence": verdict.why, "priority": 1, "due_minutes": due}],
    }
    return {**section, "then": [{"group": group} for group in then]} if then else section


def _is_reviewed(task: Task) -> bool:
    """Whether a person has approved exactly this: at the step itself, or at the gate before it."""
    answer = decision(task)
    if answer is not None and answer["verdict"] == APPROVED:
        return True
    return task.step.key in plan_of(task.held.run.version).gates


def _is_waived(task: Task) -> bool:
    """Whether a waiver that has not ended lets the step go without a review."""
    if "waiver" not in task.step.review:
        return False
    waiver = waived.read(task.step.review)
    return waiver is None or not waiver.is_over(waived.today())


def amount(given: Any) -> float | int | None:
    """The amount that an act is about, where a field of that name says one."""
    found = given.get("amount") if isinstance(given, dict) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
