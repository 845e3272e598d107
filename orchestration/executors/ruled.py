"""What the rules say about a try: before its run begins, before a tool is called, before work is handed over or
released. Each answer is kept with the try. Rules are asked again just before an act, also of what a person approved:
only a stricter answer asks a person again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from orchestration import rights, starting, tools, waived
from orchestration.contents import open_up
from orchestration.executors.points import APPROVED, decision, question, released
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.asking import Asked
from orchestration.policies.facts import Facts, amount_in
from orchestration.policies.verdicts import NOBODY_SAID, Ask, Obligations, Verdict
from orchestration.results import RESULT, worked_out
from orchestration.routing import classes, detectors, redaction
from orchestration.routing.candidates import Candidate
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
    run = task.held.run
    return _held_to(task, act, Point.START, starting.facts_of(run.version, open_up(run.input), run.started_by_id))


def before_call(task: Task, act: Act) -> Act | Outcome:
    """Whether a tool may be called, and with what."""
    return _held_to(task, act, Point.TOOL, _of_act(task, act, reviewed=_is_reviewed(task)))


def _of_act(task: Task, act: Act, *, reviewed: bool) -> Facts:
    tool = tools.get(str(act["tool"]).partition("@")[0])
    return _of_call(task, of_run(task), tool, act["arguments"], reviewed=reviewed)


def _of_call(task: Task, known: Facts, tool: Tool, arguments: dict[str, Any], *, reviewed: bool) -> Facts:
    """What is known of a call of a tool, added to what is known of its step."""
    return replace(
        known,
        data_class=_raised(known, arguments),
        tool=tool.name,
        tool_effect=tool.effect,
        outside=tool.leaves_house,
        amount=amount_in(arguments),
        input=arguments,
        reviewed=reviewed,
        waived=_is_waived(task),
    )


def before_handing_over(task: Task, act: Act) -> Act | Outcome:
    """Whether another workflow may be given this."""
    known, given = of_run(task), act.get("input", {})
    return _held_to(task, act, Point.HANDOVER, replace(known, data_class=_raised(known, given), input=given))


def before_release(task: Task, act: Act) -> Act | Outcome:
    """Whether the outcome may be told, and the result with it: what is blacked out is gone from both."""
    if not asking.says_anything(Point.RELEASE):
        return act
    whole, plan = dict(act), plan_of(task.held.run.version)
    if plan.version.document.get("result"):
        whole[RESULT] = worked_out(plan, task.scope, task.step, act)
    came = _held_to(task, whole, Point.RELEASE, _of_output(task, whole))
    return {**came, RESULT: came.get(RESULT, {})} if isinstance(came, dict) and RESULT in whole else came


def _of_output(task: Task, output: dict[str, Any]) -> Facts:
    known = of_run(task)
    return replace(
        known,
        data_class=_raised(known, output),
        outside=False,
        amount=amount_in(output.get(RESULT)),
        input=output,
        reviewed=_is_reviewed(task),
    )


def _raised(known: Facts, about: Any) -> str:
    """The data class of a step, or of what is found in what it is about to give away, whichever is higher."""
    return classes.highest([str(known.data_class), *detectors.kinds(about).values()])


def at_the_end(task: Task, came_to: Outcome) -> Outcome:
    """What the last step of a workflow without an outcome comes to: there nobody is asked, and nothing blacked out."""
    held = task.held
    if not isinstance(came_to, Done) or task.step.kind == "outcome" or held.parent_id or held.undoes_id:
        return came_to
    plan = plan_of(held.run.version)
    if plan.after(task.step, came_to.output) is not None or not asking.says_anything(Point.RELEASE):
        return came_to
    output = worked_out(plan, task.scope, task.step, came_to.output) or came_to.output
    verdict = _ask(task, Point.RELEASE, _of_output(task, {RESULT: output}))
    if verdict.effect == Effect.ALLOW:
        return came_to
    told = "" if verdict.denies else " This workflow ends without an outcome, where that could be done: it is stopped."
    return Failed(f"{verdict.why}{told}", spent=came_to.spent, code="rule")


def refusal_of_tool(task: Task, tool: Tool, arguments: dict[str, Any]) -> str:
    """Why an agent may not call a tool with this, by the rules as they were last seen; "" where it may.

    It cannot wait for a person in the middle of its talk, so what wants one is refused too.
    """
    known = task.route.facts if task.route else None
    facts = _of_call(task, known or of_run(task), tool, arguments, reviewed=False)
    verdict = asking.ask_as_seen(Point.TOOL, facts)
    _keep(task, Point.TOOL, facts, verdict, about_it=asking.said_anything(Point.TOOL))
    if verdict.effect == Effect.REDACT:
        return f"{verdict.why} An agent cannot be given less than it asks for."
    return "" if verdict.effect == Effect.ALLOW else verdict.why


def asked_for_models(task: Task, facts: Facts, models: Sequence[Candidate]) -> list[Verdict]:
    """What the rules say to each of these models; kept with the try."""
    ways = [{"model": model.name, "region": model.region} for model in models]
    verdicts = asking.ask_each(Point.MODEL, facts, ways)
    about_it = asking.says_anything(Point.MODEL)
    for model, verdict in zip(models, verdicts, strict=True):
        _keep(task, Point.MODEL, replace(facts, model=model.name, region=model.region), verdict, about_it=about_it)
    return verdicts


def _ask(task: Task, point: str, facts: Facts) -> Verdict:
    verdict = asking.ask(point, facts)
    _keep(task, point, facts, verdict, about_it=asking.says_anything(point))
    return verdict


def _keep(task: Task, point: str, facts: Facts, verdict: Verdict, *, about_it: bool) -> None:
    """Keep an answer with the try, unless there are no rules `about_it` and it may simply be done."""
    if verdict.matched or verdict.effect != Effect.ALLOW or about_it:
        run = task.held.run
        task.held.checks = [*task.held.checks, Asked(point, facts, verdict, run.workflow_id, run.pk, task.held.pk)]


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
    facts = _of_act(task, act, reviewed=True)
    verdict = _ask(task, Point.TOOL, facts)
    wanted = Obligations(_named(task, verdict.asks))
    own = _approved(task, {})
    if own.covers(wanted):
        return asked
    more = [ask.group for ask in wanted.asks for _ in range(ask.many - _times(own, ask.group))]
    review = task.step.review
    then = [*review.get("then", []), *({"group": group} for group in more)][: MOST - 1]
    why = [{**one, "sentence": f"{one['sentence']} {verdict.why}"} for one in review["why"]]
    told = {"review": {**review, "then": then, "why": why}, "rules": Obligations((*own.asks, *wanted.asks)).as_json()}
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
    return tuple(replace(ask, group=usual) if ask.group == NOBODY_SAID else ask for ask in asks)


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
    """Whether a person has approved exactly this: at the step itself, or at the gate before it.

    Where a gate stands before it, it has released exactly this: `gates.behind_gate` is asked before any rule is, and
    ends whatever was rejected, not yet released, or is not what was shown.
    """
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
