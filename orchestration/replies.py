"""What a model answered, as plain values that can be kept: text, message, tool calls, tokens, cost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from statistics import fmean
from typing import Any

from audit.canonical import NotCanonical, canonical, clean
from orchestration.failures import ANSWER, CallFailed

LONGEST = 2_000_000  # characters of text
MOST_TOKENS = 2**31 - 1
MOST_COST = Decimal(99_999)  # USD
KEPT = ("role", "content", "tool_calls")  # of a message whose other parts are no JSON


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model asks for; `arguments` is the text it wrote, which should be JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, and what it took: tokens, USD, milliseconds. `message` is all of it, for what follows."""

    text: str
    model: str
    tokens_in: int
    tokens_out: int
    cost: Decimal
    milliseconds: int
    message: dict[str, Any] = field(default_factory=dict)
    tool_calls: tuple[ToolCall, ...] = ()
    provider_model: str = ""  # what the provider calls itself
    certainty: float | None = None  # how likely its words were to itself, where the provider gives log-probabilities


def read(model: str, response: Any, cost: Decimal, milliseconds: int) -> Reply:
    """The reply in litellm's response, or `CallFailed`. Its `finish_reason` is not asked: some say "stop" to tools."""
    if not getattr(response, "choices", None):
        raise CallFailed(f"{model}: The answer holds nothing.", code=ANSWER)
    said, usage = response.choices[0].message, getattr(response, "usage", None)
    text = said.content or ""
    if len(text) > LONGEST:
        raise CallFailed(f"{model}: The answer is too long.", code=ANSWER)
    return Reply(
        text,
        model,
        _tokens(getattr(usage, "prompt_tokens", 0)),
        _tokens(getattr(usage, "completion_tokens", 0)),
        cost,
        milliseconds,
        _plain(said),
        tuple(_tool_call(model, asked) for asked in said.tool_calls or ()),
        clean(str(getattr(response, "model", "") or ""))[0][:120],
        certainty(response.choices[0]),
    )


def certainty(choice: Any) -> float | None:
    """The geometric mean of the probabilities of an answer's tokens, 0 to 1; None where they are not given.

    Tokens without a letter or a digit are left out: the braces and quotes of JSON are as good as certain in every
    answer, and would hide that what stands between them is not.
    """
    tokens = getattr(getattr(choice, "logprobs", None), "content", None) or ()
    told = [one.logprob for one in tokens if any(sign.isalnum() for sign in str(one.token))]
    known = [one for one in told if isinstance(one, int | float) and math.isfinite(one)]
    return math.exp(min(0.0, fmean(known))) if known else None


def usd(value: Any) -> Decimal:
    """An amount in US dollars that a row can hold; 0 for what is none."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return min(max(amount, Decimal(0)), MOST_COST) if amount.is_finite() else Decimal(0)


def _tokens(value: Any) -> int:
    return min(max(value, 0), MOST_TOKENS) if isinstance(value, int) else 0


def _plain(said: Any) -> dict[str, Any]:
    """The whole message (thinking blocks and what else a provider wants back), cleaned."""
    whole: Mapping[str, Any] = said.model_dump(exclude_none=True)
    message: dict[str, Any] = clean({name: part for name, part in whole.items() if part not in ({}, [])})[0]
    try:
        canonical(message)
    except NotCanonical:
        return {name: part for name, part in message.items() if name in KEPT}
    return message


def _tool_call(model: str, asked: Any) -> ToolCall:
    if not asked.function.name:
        raise CallFailed(f"{model}: The answer asks for a tool without a name.", code=ANSWER)
    return ToolCall(clean(str(asked.id))[0], clean(asked.function.name)[0], asked.function.arguments or "")
