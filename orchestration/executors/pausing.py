"""Calls whose server asks a person something: the question, and the answers with which the call is made again.

No connection is held open meanwhile. A server that asks by its answer gets that back with the state that it gave. One
that asks in the middle of the call has heard that nobody made a choice; it is called anew, and hears the answer as soon
as it asks the same again. Where such a call may not be repeated, whoever answers is told so, and only a yes calls it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import digest
from audit.models import Event
from orchestration import pauses
from orchestration.contents import open_up
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Failed, Waiting
from orchestration.plans import plan_of
from orchestration.tools import asking
from orchestration.tools.asking import ACCEPT, DECLINE, NOTHING, Answer, Told, Wanted

MINUTES = 24 * 60  # for a question, where nobody says otherwise
APPROVED = "approved"


def ask(task: Task, act: Act, paused: asking.Paused, *, unsafe: bool) -> Waiting | Failed:
    """The step waits for people to answer what its server asks."""
    before = _answers(task)
    if len(before) + len(paused.wanted) > pauses.MOST:
        told = f"{act['tool']} asks more than {pauses.MOST} times in one call, so it was given up."
        return Failed(told, code="unknown" if unsafe and paused.midway else "tool")
    first, *left = paused.wanted
    about = {"call": digest(act), "state": paused.state, "midway": paused.midway, "round": len(before)}
    return _waiting(task, act, first, [_as_json(one) for one in left], about, again=unsafe and paused.midway)


def told(task: Task, act: Act, *, unsafe: bool) -> Told | Waiting | Failed:
    """What people have said to its server's questions, each as the record holds it; or what is to be asked first.

    What was said holds for exactly the call that was made then.
    """
    said = [one for one in _answers(task) if one["call"] == digest(act)]
    if not said:
        return NOTHING
    last = said[-1]
    if last["verdict"] != APPROVED and last["midway"] and unsafe:
        return Failed(_("%s asked a person, who said no. It was not called again.") % act["tool"], code="refused")
    if last["left"]:
        first, *left = last["left"]
        about = {name: last[name] for name in ("call", "state", "midway", "round")}
        return _waiting(task, act, Wanted(**first), left, about, again=False)
    if not _is_on_record(said):
        return Failed(_("What was answered is not what the record holds, so nothing was done."), code="refused")
    answers = [_answer(one) for one in said]
    latest = [_answer(one) for one in said if one["round"] == last["round"]]
    return Told(answers, None if last["midway"] else last["state"], () if last["midway"] else latest)


def _answers(task: Task) -> list[dict[str, Any]]:
    return list((task.held.answer or {}).get(pauses.ANSWERS, []))


def _waiting(
    task: Task, act: Act, one: Wanted, left: Sequence[Mapping[str, Any]], about: Mapping[str, Any], *, again: bool
) -> Waiting:
    asks = {
        "tool": act["tool"],
        "step": task.step.name,
        "message": one.message,
        "schema": one.schema,
        "order": list(one.schema["properties"]),
        "place": one.place,
        "secrets": one.secrets,
        "again": again,
    }
    shown = {pauses.ASKS: asks, "arguments": asking.blank(one.schema)}
    pause = {**about, "left": list(left), "when": pauses.DURING, "act": shown, "hash": digest(shown)}
    standing = open_up(task.held.question) or {"step": task.step.key, "act": act, "hash": digest(act)}
    kept = {name: value for name, value in standing.items() if name not in ("called", "unknown")}
    return Waiting({**kept, pauses.PAUSE: {**pause, "review": _section(task)}})


def _section(task: Task) -> dict[str, Any]:
    """Who answers: those whom the agent may ask, else who approves its calls or decides in the workflow."""
    plan = plan_of(task.held.run.version)
    callers = [step.spec for step in plan.works_for(task.step)]
    asks: dict[str, Any] = next((spec["asks"] for spec in callers if "asks" in spec), {})
    groups = plan.document["groups"]
    group = asks.get("group") or task.step.review.get("group")
    sentence = _("The server of a tool asks this before it goes on with the call.")
    due = int(asks.get("due_minutes", MINUTES))
    return {
        "when": "before",
        "group": group or next(iter([*groups["decide"], *groups["manage"]]), "admin"),
        "title": "act.asks.step",
        "summary": "act.asks.message",
        "why": [{"rule": pauses.PAUSE, "sentence": sentence, "priority": 1, "due_minutes": due}],
    }


def _answer(said: Mapping[str, Any]) -> Answer:
    asks, typed = said["content"][pauses.ASKS], said["content"]["arguments"]
    one = Wanted(asks["message"], asks["schema"], asks["place"])
    if said["verdict"] != APPROVED:
        return Answer(one.mark, DECLINE, {}, one.place)
    return Answer(one.mark, ACCEPT, asking.values(one.schema, typed), one.place)


def _is_on_record(said: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the ledger holds each answer as it stands here. One query."""
    receipts = [one["receipt"] for one in said]
    kept = {
        str(row[0]): row[1:]
        for row in Event.objects.filter(event_id__in=receipts).values_list("event_id", "content_hash", "kind")
    }
    return all(kept.get(one["receipt"]) == (digest(one["content"]), f"review.{one['verdict']}") for one in said)


def _as_json(one: Wanted) -> dict[str, Any]:
    return {"message": one.message, "schema": one.schema, "place": one.place}
