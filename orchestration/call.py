"""Calls to models: the only importer of litellm, which is used for transport and prices, never for a decision."""

import os
import time
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType
from typing import Any

from orchestration import providers

PREFIX = "handrail/"


class CallFailed(Exception):
    """The call gave no answer. `retry` says whether another try may help."""

    def __init__(self, told: str, *, retry: bool) -> None:
        super().__init__(told)
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, and what it took: tokens, USD, milliseconds."""

    text: str
    model: str
    tokens_in: int
    tokens_out: int
    cost: Decimal
    milliseconds: int


_litellm: ModuleType | None = None


def warm_up() -> ModuleType:
    """Import litellm once (seconds of CPU), offline, and give it the built-in providers."""
    global _litellm
    if _litellm is None:
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it fetches prices from the network
        os.environ["LITELLM_MODE"] = "PRODUCTION"  # else it loads .env into the environment
        import litellm

        litellm.telemetry = False
        litellm.suppress_debug_info = True
        litellm.drop_params = False
        litellm.custom_provider_map = [{"provider": "handrail", "custom_handler": _handler(litellm)}]
        litellm.token_counter(model="", text="warm")  # loads 30 MB that forks can then share
        _litellm = litellm
    return _litellm


def _handler(litellm: ModuleType) -> Any:
    """The built-in providers, as litellm wants them."""

    class BuiltIn(litellm.CustomLLM):  # type: ignore[name-defined, misc]
        def completion(self, model: str, messages: list[dict[str, str]], **_: Any) -> Any:
            answer = providers.get(model.removeprefix(PREFIX)).answer(messages)
            return litellm.ModelResponse(
                model=f"{PREFIX}{model.removeprefix(PREFIX)}",
                choices=[
                    {
                        "index": 0,
                        "finish_reason": "stop",
                        "message": {"role": "assistant", "content": answer.text},
                    }
                ],
                usage=litellm.Usage(
                    prompt_tokens=answer.prompt_tokens,
                    completion_tokens=answer.completion_tokens,
                    total_tokens=answer.prompt_tokens + answer.completion_tokens,
                ),
            )

    return BuiltIn()


def complete(model: str, messages: list[dict[str, str]], *, seconds: float) -> Reply:
    """One completion, within `seconds`, with no retry and no fallback: those are the engine's. Or `CallFailed`."""
    litellm = warm_up()
    _check_credentials(litellm, model)
    began = time.monotonic()
    try:
        response = litellm.completion(model=model, messages=messages, timeout=seconds, num_retries=0)
    except Exception as error:
        raise _told(litellm, model, error) from error
    usage = response.usage
    return Reply(
        response.choices[0].message.content or "",
        model,
        usage.prompt_tokens,
        usage.completion_tokens,
        _cost(litellm, model, usage.prompt_tokens, usage.completion_tokens),
        round((time.monotonic() - began) * 1000),
    )


def _check_credentials(litellm: ModuleType, model: str) -> None:
    """A missing key would arrive as a server error that looks worth retrying."""
    if model.startswith(PREFIX):
        return
    missing = litellm.validate_environment(model)["missing_keys"]
    if missing:
        raise CallFailed(f"{model} needs {', '.join(missing)} in the environment.", retry=False)


def _cost(litellm: ModuleType, model: str, tokens_in: int, tokens_out: int) -> Decimal:
    """USD, from our providers' own price or litellm's table; 0 where there is none."""
    if model.startswith(PREFIX):
        price = providers.get(model.removeprefix(PREFIX)).price
        return Decimal(str(price[0])) * tokens_in + Decimal(str(price[1])) * tokens_out
    try:
        pair = litellm.cost_per_token(model=model, prompt_tokens=tokens_in, completion_tokens=tokens_out)
    except Exception:
        return Decimal(0)
    return sum((Decimal(str(part)) for part in pair), Decimal(0))


def _told(litellm: ModuleType, model: str, error: Exception) -> CallFailed:
    """The failure as one sentence. Subclasses stand before their parents."""
    final = {
        "ContextWindowExceededError": "The question is longer than the model can read.",
        "ContentPolicyViolationError": "The provider refused the content.",
        "PaymentRequiredError": "The provider's account has no credit.",
        "AuthenticationError": "The provider refused the key.",
        "NotFoundError": "The provider does not know this model.",
        "BadRequestError": "The provider could not read the request.",
    }
    # litellm raises its own error while it handles ours, without `from`.
    cause = error.__context__ if isinstance(error.__context__, providers.ProviderError) else error
    if isinstance(cause, providers.ProviderError) or model.startswith(PREFIX):
        return CallFailed(f"{model}: {cause}", retry=False)
    for name, sentence in final.items():
        if isinstance(error, getattr(litellm.exceptions, name, ())):
            return CallFailed(f"{model}: {sentence}", retry=False)
    return CallFailed(f"{model} gave no answer ({type(error).__name__}).", retry=True)
