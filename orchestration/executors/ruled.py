"""What the rules say about a try: before its run begins, before a tool is called, before work is handed over or
released. Each answer is kept with the try. Rules are asked again just before an act, also of what a person approved:
only a stricter answer asks a person again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from audit.canonical import digest
from orchestration import outside, rights, starting, tools, waived, ways
from orchestration.contents import open_up
from orchestration.executors import points, questions
from orchestration.executors.points import APPROVED, CHANGED, REJECTED, as_answered, decision, is_changed, question
from orchestration.executors.task import Act, Task
from orchestration.handing import GIVEN
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.asking import Asked
from orchestration.policies.facts import ACTING, UNKNOWN, Facts, amount_in
from orchestration.policies.matching import of_untrusted
from orchestration.policies.verdicts import NOBODY_SAID, Ask, Obligations, Verdict, merge
from orchestration.results import RESULT, worked_out
from orchestration.routing import classes, detectors, redaction
from orchestration.routing.candidates import Candidate
from orchestration.states import Awaits, DataClass, Effect, Point
from orchestration.tools import Tool


def of_run(task: Task) -> Facts:
    """What is known of whatever a step does: its run, its step, who started it."""
    run, plan = task.held.run, plan_of(task.held.run.version)
    document, starter = plan.version.document, rights.known(run.started_by_id)
    step = plan.caller(task.step) or task.step
    return Facts(
        workflow=document["slug"],
        step=step.key,
        agent=plan.agent(step),
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
    begun = task.woken is not None and task.woken["awaits"] == Awaits.STEPS
    if begun or not asking.says_anything(Point.START):
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
    read_from = _read_from(task, tool, known)
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
        untrusted=UNKNOWN if read_from is None else bool(read_from),
        read_from=read_from or "",
    )


def _read_from(task: Task, tool: Tool, known: Facts) -> str | None:
    """Where the run has read what others wrote; None where it is not asked, since nothing depends on it."""
    matters = tool.leaves_house and (tool.effect in ACTING or known.agent is not None)
    if not matters and not asking.reads(Point.TOOL, "untrusted"):
        return None
    caller = plan_of(task.held.run.version).caller(task.step)
    return outside.read_by(task.held.run_id) or (outside.told_by(caller) if caller is not None else "")


def before_handing_over(task: Task, act: Act) -> Act | Outcome:
    """Whether another workflow may be given this."""
    known, given = of_run(task), act.get("input", {})
    return _held_to(task, act, Point.HANDOVER, replace(known, data_class=_raised(known, given), input=given))


def handing_over(task: Task, came_to: Done) -> Done | Failed:
    """What an agent hands over, as far as the rules let it. There nobody can be asked, so a rule that asks stops it."""
    if not asking.says_anything(Point.HANDOVER):
        return came_to
    known, given = of_run(task), came_to.output.get(GIVEN) or {}
    verdict = _ask(task, Point.HANDOVER, replace(known, data_class=_raised(known, given), input=given))
    match verdict.effect:
        case Effect.ALLOW:
            return came_to
        case Effect.REDACT:
            return replace(came_to, output={**came_to.output, **redaction.black_out({GIVEN: given}, verdict.kinds)})
    told = "" if verdict.denies else " At a hand-over nobody is asked: it is stopped."
    return Failed(f"{verdict.why}{told}", spent=came_to.spent, code="rule")


def before_release(task: Task, act: Act) -> Act | Outcome:
    """Whether the outcome may be told, and the result with it: what is blacked out is gone from both."""
    if not asking.says_anything(Point.RELEASE) and decision(task) is None:
        return act
    whole, plan = dict(act), plan_of(task.held.run.version)
    if plan.version.document.get("result"):
        whole[RESULT] = worked_out(plan, task.scope, task.step, act)
    came = answered(task, whole)
    if isinstance(came, dict):
        came = _held_to(task, came, Point.RELEASE, _of_output(task, came))
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


def asked_for_models(task: Task, facts: Facts, models: Sequence[Candidate]) -> list[Verdict]:
    """What the rules say to each of these models; kept with the try."""
    asked = [{"model": model.name, "region": model.region} for model in models]
    verdicts = asking.ask_each(Point.MODEL, facts, asked)
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
            return _approved_or_asked(task, act, verdict)
        case Effect.REDACT:
            return redaction.black_out(act, verdict.kinds)
    return act


def answered(task: Task, act: Act) -> Act | Outcome:
    """The act as somebody left it whom rules asked about it; asked anew where it is not what was approved.

    It holds whatever the rules say now: what was refused is not done since a rule was lifted meanwhile.
    """
    answer, asked = decision(task), open_up(task.held.question) or {}
    if answer is None or asked.get("when") != "before" or task.review.get("when") == "before":
        return act
    if task.step.kind == "tool" and is_changed(task, answer, act):
        return _anew(task, act)
    if task.step.kind in {"model", "agent"} and answer["verdict"] != REJECTED:
        return act  # `reviewed` has its answer
    return as_answered(task, answer, act)


def _anew(task: Task, act: Act) -> Outcome:
    """The question to those whom the rules ask about what would be done now, and to somebody in any case."""
    verdict = _ask(task, Point.TOOL, _of_act(task, act, reviewed=False))
    if verdict.denies:
        return Failed(verdict.why, code="rule")
    asks = merge((Obligations(verdict.asks), Obligations((Ask(NOBODY_SAID),))))
    return _question(task, act, replace(verdict, obligations=asks, why=f"{CHANGED} {verdict.why}".strip()), asks)


def reviewed(task: Task, act: Act, verdict: Verdict) -> Act | Outcome:
    """The act where those have approved it whom the rules ask for; else the question to them."""
    answer, asked = decision(task), open_up(task.held.question) or {}
    if answer is not None and "review" in asked and task.review.get("when") != "before":
        came = as_answered(task, answer, act)
        if not isinstance(came, dict):
            return came
        act = came
    return _approved_or_asked(task, act, verdict)


def _approved_or_asked(task: Task, act: Act, verdict: Verdict) -> Act | Outcome:
    answer, asked = decision(task), open_up(task.held.question) or {}
    approved = Obligations()
    if answer is not None and answer["verdict"] == APPROVED:
        approved = questions.approved(task, asked)
    wanted = Obligations(questions.named(task, verdict.asks))
    return act if approved.covers(wanted) else _question(task, act, verdict, wanted)


def _question(task: Task, act: Act, verdict: Verdict, asks: Obligations) -> Waiting:
    """The question to those whom rules ask. What an earlier answer changed of the act is in it."""
    wanted = Obligations(questions.named(task, asks.asks))
    told = {"review": questions.section(task, verdict, wanted)}
    told["rules"] = {**wanted.as_json(), "number": verdict.ruleset.number}
    if said := {**points.said_before(task), **ways.answered(decision(task) or {})}:
        told[points.SAID] = said
    return Waiting({**question(task, "before", act), **_of_before(task, act), **told})


def _of_before(task: Task, act: Act) -> dict[str, str]:
    """The hash of what the step itself worked out, where the question is about what somebody made of that."""
    answer, asked = decision(task), open_up(task.held.question) or {}
    of = (
        str(asked.get("of") or answer["shown_hash"])
        if answer is not None and ways.bare(answer["content"], answer) == act
        else ""
    )
    return {"of": of} if of and of != digest(act) else {}


def with_more(task: Task, act: Act, asked: Waiting) -> Waiting:
    """The question of a step's own review, put to those too whom the rules ask for, with what they have to know."""
    facts = _of_act(task, act, reviewed=True)
    verdict = _ask(task, Point.TOOL, facts)
    wanted, own = Obligations(questions.named(task, verdict.asks)), questions.approved(task, {})
    covered, review = own.covers(wanted), task.review
    more = [] if covered else [a.group for a in wanted.asks for _ in range(a.many - questions.times(own, a.group))]
    told = [asked.question.get("again", ""), "" if covered else verdict.why]
    told.append(of_untrusted(facts.read_from) if facts.untrusted is True and facts.outside is True else "")
    if not any(told):
        return asked
    why = [{**one, "sentence": " ".join(filter(None, [one["sentence"], *told]))} for one in review["why"]]
    must = {"must": True} if "of" in review else {}
    then = [*review.get("then", []), *({"group": group, **must} for group in more)][: questions.MOST - 1]
    section: dict[str, Any] = {"review": {**review, "why": why, **({"then": then} if then else {})}}
    if not covered:
        section["rules"] = Obligations((*own.asks, *wanted.asks)).as_json()
    return replace(asked, question={**asked.question, **section})


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
    if "waiver" not in task.review:
        return False
    waiver = waived.read(task.review)
    return waiver is None or not waiver.is_over(waived.today())
