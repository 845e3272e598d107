"""What an agent may call: tools, workers, a person. Each is a step of its version, so that a call is a step run.

They stand in no document: they are derived from the agent's own part of it, when its version is made.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop

type Spec = dict[str, Any]

AGENT = "agent"
AT = "@"  # between the name of an agent and the number of its version
USUAL = {"turns": 8, "calls": 64, "repeats": 3, "fan_out": 32}  # limits of an agent that says nothing else
ASK = "ask"  # what an agent calls to ask a person
FINISH = "finish"  # what an agent that talks calls to end its work
LONGEST = 60  # characters of a step's key
SENTENCE = gettext_noop("The agent asks, and waits for an answer.")  # where the agent says none itself
DUE_MINUTES = 24 * 60  # for a question, where the agent does not say
ANSWER: Spec = {
    "type": "object",
    "required": ["question", "answer"],
    "properties": {
        "question": {"type": "string"},
        "answer": {"type": "string", "minLength": 1, "maxLength": 20_000, "title": "Answer"},
    },
}
OVER: Spec = {"type": "boolean", "title": "The talk is over"}


def of(spec: Spec) -> Iterator[Spec]:
    """The steps that an agent's part of a document stands for, in the order in which they are offered."""
    if spec["kind"] != AGENT:
        return
    for name in spec.get("tools", []):
        yield _tool(spec, name)
    for worker in spec.get("workers", []):
        yield _worker(spec, worker)
    if "asks" in spec:
        yield _ask(spec)


def _tool(agent: Spec, name: str) -> Spec:
    inside = {"key": key_of(agent["key"], name), "name": name, "kind": "tool", "tool": name, "input": {}}
    return {**_shared(agent), **inside, "review": agent.get("call_review") or {}}


def _worker(agent: Spec, worker: Spec) -> Spec:
    """An agent that another one gives work to: it has no more permission, and asks the same people."""
    handed: Spec = {name: agent[name] for name in ("call_review", "asks", "ceiling") if name in agent}
    inside = {"key": key_of(agent["key"], worker["key"]), "kind": AGENT, "called": worker["key"], "input": {}}
    return {**_shared(agent), **handed, "review": {}, **worker, **inside}


def _ask(agent: Spec) -> Spec:
    asks, talks = agent["asks"], bool(agent.get("talks"))
    sentence = asks.get("sentence", SENTENCE)
    due = int(asks.get("due_minutes", DUE_MINUTES))
    review = {
        "when": "before",
        "group": asks["group"],
        "title": asks.get("title") or json.dumps(f"{agent['name']} asks"),
        "why": [{"rule": ASK, "sentence": sentence, "priority": 1, "due_minutes": due}],
    }
    fields = {**ANSWER["properties"], **({"over": OVER} if talks else {})}
    inside = {"key": key_of(agent["key"], ASK), "name": f"{agent['name']} asks", "kind": "person", "input": {}}
    return {**_shared(agent), **inside, "review": review, "output": {**ANSWER, "properties": fields}}


def _shared(agent: Spec) -> Spec:
    """What a call has of its agent."""
    said: Spec = {name: agent[name] for name in ("purpose", "owner", "permission", "data") if name in agent}
    return {**said, "metrics": []}


def named(spec: Spec) -> str:
    """The name of the agent whose part of a document this is, without its version; "" for one described in place."""
    return str(spec.get("agent", "")).partition(AT)[0]


def name_of(spec: Spec) -> str:
    """What the model knows a call by."""
    match spec["kind"]:
        case "tool":
            return spelled(spec["tool"])
        case "agent":
            return spelled(spec["called"])
    return ASK


def key_of(agent: str, called: str) -> str:
    """The key of the step that a call of this agent is: short enough, and never that of another."""
    key = f"{agent}-{spelled(called)}"
    if len(key) <= LONGEST:
        return key
    return f"{key[: LONGEST - 9]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def spelled(name: str) -> str:
    """A tool's name in the letters that providers allow."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]
