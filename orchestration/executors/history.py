"""What has been said in an agent's talk until now, read from the rows: nothing of an agent lives in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Q, Sum

from audit.canonical import NotCanonical, canonical, clean
from orchestration import contents, fences
from orchestration.models import AgentTurn, Attempt, StepRun
from orchestration.states import StepStatus

LONGEST = 50_000  # characters of what a call came to that the model is told
OURS = ("verdict", "edited")  # what a review adds to an output
REFUSED = "A person refused this call."

type Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """A talk so far, after its opening: the messages, and what it took.

    `new` are those messages that came since the model was last asked. `asked` counts every call by its name and its
    canonical arguments, `misfits` those that were none. `seconds` is the time that tries of the agent and of its calls
    took, without the time that people did.
    """

    messages: Sequence[Message] = ()
    new: int = 0
    turns: int = 0
    calls: int = 0
    misfits: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    called: tuple[str, ...] = ()
    model: str = ""
    tokens: int = 0
    seconds: float = 0.0
    over: str | None = None  # what was said last, where a person has ended the talk

    @property
    def kept(self) -> int:
        """How many of its messages an earlier try has kept."""
        return len(self.messages) - self.new


NONE = History()


def read(held: StepRun) -> History:
    """The history of an agent's step: three queries, and one where something large was said."""
    turns = list(AgentTurn.objects.filter(step_run=held).order_by("number"))
    tokens, seconds = _took(held)
    if not turns:
        return History(tokens=tokens, seconds=seconds)
    calls = {row["part"]: row for row in _calls(held)}
    said = contents.open_all([turn.message for turn in turns])
    outputs = dict(zip(calls, contents.open_all([row["output"] for row in calls.values()]), strict=True))
    messages, over = list[Message](), None
    for turn, message in zip(turns, said, strict=True):
        new = len(messages) + 1
        messages.append(message)
        for asked in turn.calls:
            came = calls.get(asked.get("part", -1))
            value = {"error": asked["error"]} if came is None else _value(came, outputs[came["part"]])
            over = _ended(asked, value, message) if over is None else over
            messages.append(_told(asked, value, of_others=came is not None and _of_others(came)))
    every = [asked for turn in turns for asked in turn.calls]
    return History(
        messages,
        len(messages) - new,
        turns[-1].number,
        sum("part" in asked for asked in every),
        sum("part" not in asked for asked in every),
        Counter(fingerprint(asked["name"], asked["arguments"]) for asked in every),
        tuple(row["step__spec__tool"] for row in calls.values() if row["step__spec__tool"]),
        turns[-1].model,
        tokens,
        seconds,
        over,
    )


def _calls(held: StepRun) -> Sequence[Mapping[str, Any]]:
    calls = StepRun.objects.filter(parent=held, given__isnull=False, undoes=None).order_by("part")
    return list(calls.values("part", "status", "output", "error", "answer", "step__kind", "step__spec__tool"))


def _took(held: StepRun) -> tuple[int, float]:
    """Tokens and seconds of the agent's own tries and of those of its calls."""
    length = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    own = Q(step_run=held)
    tries = Attempt.objects.filter(own | Q(step_run__parent=held, step_run__given__isnull=False))
    took = tries.aggregate(tokens=Sum(F("tokens_in") + F("tokens_out")), length=Sum(length))
    return took["tokens"] or 0, took["length"].total_seconds() if took["length"] else 0.0


def _value(call: Mapping[str, Any], output: Any) -> dict[str, Any]:
    """What a call came to, for the model."""
    match call["status"]:
        case StepStatus.DONE if _is_refused(call):
            return {"refused": call["answer"].get("reason") or REFUSED}
        case StepStatus.DONE:
            value = {name: one for name, one in output.items() if name not in OURS}
            if (call["answer"] or {}).get("edited") and call["step__kind"] == "tool":
                value["changed_by_a_person"] = call["answer"]["content"]["arguments"]
            return value
        case StepStatus.FAILED:
            return {"error": call["error"]}
    return {"error": "The call was stopped."}


def _told(asked: Mapping[str, Any], value: dict[str, Any], *, of_others: bool) -> Message:
    """What the model is told of a call. What a tool or another agent came to is fenced; what people say is not."""
    if asked.get("said"):  # it was no call: the agent spoke, and somebody answered
        return {"role": "user", "content": str(value.get("answer", value.get("refused", "")))}
    text = text_of(value)
    content = fences.fenced("result", fences.RESULT, text) if of_others else text
    return {"role": "tool", "tool_call_id": asked["id"], "content": content}


def _of_others(call: Mapping[str, Any]) -> bool:
    """Whether others wrote what a call came to: not where a person answered or refused."""
    return call["step__kind"] != "person" and not _is_refused(call)


def _is_refused(call: Mapping[str, Any]) -> bool:
    """Whether a person refused it: as the answer says, for an output may say anything."""
    return (call["answer"] or {}).get("verdict") == "rejected"


def _ended(asked: Mapping[str, Any], value: dict[str, Any], message: Message) -> str | None:
    return str(message.get("content") or "") if asked.get("said") and value.get("over") is True else None


def text_of(value: dict[str, Any]) -> str:
    """A value as text for a model, cut where it is too long."""
    cleaned = clean(value)[0]
    try:
        text = canonical(cleaned).decode()
    except NotCanonical:
        text = contents.as_json(cleaned).decode()
    return text if len(text) <= LONGEST else contents.as_json({"cut": True, "beginning": text[:LONGEST]}).decode()


def fingerprint(name: str, arguments: Any) -> str:
    """What two calls have in common that are the same."""
    try:
        return f"{name} {canonical(arguments).decode()}"
    except NotCanonical:
        return f"{name} {arguments!r}"
