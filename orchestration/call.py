"""Calls to models: the only importer of litellm, which is used for transport and prices, never for a decision."""

import asyncio
import os
import time
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from orchestration import connecting, endpoints, failures, providers, replies
from orchestration.failures import ANSWER, REFUSED, CallFailed
from orchestration.hearing import Hearing, bounded
from orchestration.replies import Reply, ToolCall

__all__ = ["CallFailed", "Reply", "ToolCall", "acomplete", "close", "warm_up"]

PREFIX = "handrail/"
NO_KEY = "none"  # for an address of one's own that wants none: litellm would send the environment's there
LARGEST = 8 * 1024 * 1024  # bytes that are read of an answer, unpacked
OVER_OURS = {"openai", "hosted_vllm"}  # the providers of litellm that are reached over our own HTTP client
ONE_PIECE = {"content-encoding", "content-length", "transfer-encoding"}  # headers of how an answer travelled

_litellm: ModuleType | None = None
_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool | None, Any]]" = WeakKeyDictionary()


def load() -> ModuleType:
    """Import litellm once (seconds of CPU), offline, and give it the built-in providers."""
    global _litellm
    if _litellm is None:
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it fetches prices from the network
        os.environ["LITELLM_MODE"] = "PRODUCTION"  # else it loads .env into the environment
        # OpenAI's own library costs 1.5 CPU-ms a call more than the way on which litellm reaches all others.
        os.environ["EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"] = "True"
        import litellm

        litellm.telemetry = False
        litellm.suppress_debug_info = True
        litellm.drop_params = False
        litellm.custom_provider_map = [{"provider": "handrail", "custom_handler": _built_in(litellm)}]
        _litellm = litellm
    return _litellm


def warm_up() -> None:
    """Load what calls need, for a parent that is about to fork: its forks share that memory. Nothing stays open."""
    litellm = load()
    litellm.token_counter(model="", text="warm")
    asyncio.run(litellm.acompletion(f"{PREFIX}warm", [{"role": "user", "content": ""}], mock_response="warm"))


async def acomplete(
    model: str,
    messages: list[dict[str, Any]],
    *,
    seconds: float,
    tools: list[dict[str, Any]] | None = None,
    route: str | None = None,
    api_base: str | None = None,
    api_key: str | None = None,
    public_only: bool = False,
    schema: dict[str, Any] | None = None,
    most_tokens: int | None = None,
    logprobs: bool = False,
    heard: Callable[[str], None] | None = None,
) -> Reply:
    """One completion, within `seconds`, with no retry and no fallback: those are the engine's. Or `CallFailed`.

    `route` is what litellm calls the model, where it is named otherwise here; `api_base` an address of its own, with
    `public_only` none inside the house; `api_key` its key, where that is not the provider's own variable's. `schema`
    is what the answer must fit, for models that can be held to one; `most_tokens` the longest that it may be.
    `logprobs`: how likely each of its tokens was is asked for too. `heard` is told what has come of the text as it
    grows; then a failure says whether the answer had `begun`.
    """
    litellm, asked_as = load(), route or model
    if not (api_key or api_base):
        _check_credentials(litellm, asked_as)
    began, hearing = time.monotonic(), Hearing(api_key, heard) if heard else None
    try:
        async with asyncio.timeout(seconds):  # litellm's own starts again with every byte
            if api_base and public_only and not _is_over_ours(asked_as) and await endpoints.lies_inside(api_base):
                raise failures.Inside
            copied = [{**message} for message in messages]  # some providers' translations write into them
            asked = {"model": asked_as, "messages": copied, "timeout": seconds}
            if api_base:
                asked |= {"api_base": api_base}
            if api_key or api_base:
                asked |= {"api_key": api_key or NO_KEY}
            asked |= _wished(schema, most_tokens, logprobs=logprobs and takes(asked_as, "logprobs"), tools=tools)
            client = _client(litellm, asked_as, public_only if api_base else None)
            response = await _quietly(litellm, hearing, client, asked)
        reply = replies.read(model, response, _cost(asked_as, response), round((time.monotonic() - began) * 1000))
        return _without(api_key, reply)
    except CallFailed as error:
        failed = error
    except Exception as error:
        failed = failures.read(model, error)
    failed.begun = hearing is not None and bool(hearing.text)
    # Alone, without what it arose from: there a provider may have repeated the key.
    raise failed


def _wished(
    schema: dict[str, Any] | None, most_tokens: int | None, *, logprobs: bool, tools: list[dict[str, Any]] | None
) -> dict[str, Any]:
    """What is asked of an answer, as litellm wants it said."""
    asked: dict[str, Any] = {}
    if schema:
        asked["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    if most_tokens:
        asked["max_tokens"] = most_tokens
    if logprobs:
        asked["logprobs"] = True
    if tools:  # litellm would import MCP, which is not installed, to see whether it should call them itself
        asked |= {"tools": tools, "_skip_mcp_handler": True}
    return asked


def _without(api_key: str | None, reply: Reply) -> Reply:
    """The reply, unless the provider put the key into it: then nothing of it is kept."""
    if api_key and api_key in f"{reply.text}{reply.message}":
        raise CallFailed(f"{reply.model}: The answer repeats the key, so nothing of it is kept.", code=ANSWER)
    return reply


def is_built_in(model: str) -> bool:
    """Whether a model lives in this process."""
    return model.startswith(PREFIX)


def complete_here(model: str, messages: list[dict[str, Any]]) -> Reply:
    """One completion of a built-in model, here and now and without litellm. Or `CallFailed`."""
    began, name = time.monotonic(), model.removeprefix(PREFIX)
    try:
        answer = providers.get(name).answer(messages)
    except Exception as error:
        raise failures.read(model, error) from error
    cost = _price(name, answer.prompt_tokens, answer.completion_tokens)
    took = round((time.monotonic() - began) * 1000)
    return Reply(answer.text, model, answer.prompt_tokens, answer.completion_tokens, cost, took)


async def _quietly(litellm: ModuleType, hearing: Hearing | None, client: Any, asked: dict[str, Any]) -> Any:
    """Call, without litellm's own bookkeeping: a queue and a task for every answer, for which we have no use."""
    from litellm._internal_context import is_internal_call

    before = is_internal_call.set(True)
    try:
        if hearing is None or not takes(asked["model"], "stream"):
            return await litellm.acompletion(**asked, num_retries=0, client=client)
        piecewise: dict[str, Any] = {"stream": True}
        if takes(asked["model"], "stream_options"):  # else the tokens are counted here
            piecewise["stream_options"] = {"include_usage": True}
        with hearing.listening():
            chunks = await hearing.whole(await litellm.acompletion(**asked, **piecewise, num_retries=0, client=client))
        return litellm.stream_chunk_builder(chunks, messages=asked["messages"])
    finally:
        is_internal_call.reset(before)


async def close() -> None:
    """Close what calls opened on this event loop."""
    for client in _clients.pop(asyncio.get_running_loop(), {}).values():
        await client.close()


def _client(litellm: ModuleType, model: str, public_only: bool | None) -> Any:
    """Our HTTP client on this event loop, or None where litellm uses its own. `public_only` is of one's own address."""
    if not _is_over_ours(model):
        return None
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    if public_only not in clients:
        clients[public_only] = _bounded(litellm, None if public_only is None else _judged(litellm, public_only))
    return clients[public_only]


def _is_over_ours(model: str) -> bool:
    return _provider(model) in OVER_OURS


def _judged(litellm: ModuleType, public_only: bool) -> Any:
    """A transport to addresses that are judged when they are connected to, past the environment's proxies."""
    from litellm.llms.custom_httpx.aiohttp_transport import LiteLLMAiohttpTransport
    from litellm.llms.custom_httpx.http_handler import get_ssl_configuration

    class Direct(LiteLLMAiohttpTransport):
        async def _get_proxy_settings(self, request: Any) -> None:
            return None

    trust = get_ssl_configuration(None)
    return Direct(client=lambda: connecting.session(public_only=public_only, trust=trust))


@lru_cache(maxsize=1024)
def takes(model: str, name: str) -> bool:
    """Whether a model's provider takes a parameter, as far as litellm knows: what it does not know it would refuse."""
    try:
        return not is_built_in(model) and name in (load().get_supported_openai_params(model) or ())
    except Exception:
        return False


@lru_cache(maxsize=1024)
def _provider(model: str) -> str:
    """What litellm calls the provider of a model, or ""."""
    try:
        return str(load().get_llm_provider(model)[1])
    except Exception:
        return ""


def _bounded(litellm: ModuleType, transport: Any = None) -> Any:
    """An HTTP client that reads so much and no more, follows nobody elsewhere, and sends no request twice."""
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    class Bounded(AsyncHTTPHandler):
        async def post(
            self,
            url: str,
            *,
            data: Any = None,
            headers: Any = None,
            timeout: Any = None,
            stream: bool = False,
            **_: Any,
        ) -> Any:
            request = self.client.build_request("POST", url, content=data, headers=headers, timeout=timeout)
            response = await self.client.send(request, stream=True)
            if stream and response.is_success:
                return bounded(response, LARGEST)
            body = bytearray()
            try:
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise failures.TooLong
            finally:
                await response.aclose()
            kept = {name: value for name, value in response.headers.items() if name not in ONE_PIECE}
            whole = type(response)(response.status_code, headers=kept, content=bytes(body), request=request)
            return whole.raise_for_status()

    return Bounded(follow_redirects=False, transport=transport)


def _built_in(litellm: ModuleType) -> Any:
    """The built-in providers, as litellm wants them. They answer at once, on the event loop."""

    class BuiltIn(litellm.CustomLLM):  # type: ignore[name-defined, misc]
        async def acompletion(self, model: str, messages: list[dict[str, Any]], **_: Any) -> Any:
            answer = providers.get(model.removeprefix(PREFIX)).answer(messages)
            said = {"role": "assistant", "content": answer.text}
            return litellm.ModelResponse(
                model=f"{PREFIX}{model.removeprefix(PREFIX)}",
                choices=[{"index": 0, "finish_reason": "stop", "message": said}],
                usage=litellm.Usage(
                    prompt_tokens=answer.prompt_tokens,
                    completion_tokens=answer.completion_tokens,
                    total_tokens=answer.prompt_tokens + answer.completion_tokens,
                ),
            )

    return BuiltIn()


def lacks_key(route: str) -> str:
    """The variables that a provider's key is looked for in, where none is set; "" where one is, or nobody can tell."""
    if _litellm is None or is_built_in(route):
        return ""
    return ", ".join(_litellm.validate_environment(route)["missing_keys"])


def _check_credentials(litellm: ModuleType, model: str) -> None:
    """A missing key would arrive as a server error that looks worth retrying."""
    if is_built_in(model):
        return
    missing = litellm.validate_environment(model)["missing_keys"]
    if missing:
        raise CallFailed(f"{model} needs {', '.join(missing)} in the environment.", code=REFUSED)


def _cost(model: str, response: Any) -> Decimal:
    """USD, by our providers' own price or litellm's table; 0 where there is none."""
    if not is_built_in(model):
        return replies.usd(getattr(response, "_hidden_params", {}).get("response_cost") or 0)
    return _price(model.removeprefix(PREFIX), response.usage.prompt_tokens, response.usage.completion_tokens)


def _price(name: str, tokens_in: int, tokens_out: int) -> Decimal:
    price = providers.get(name).price
    parts = ((price.input, tokens_in), (price.output, tokens_out))
    return sum((Decimal(str(each)) * int(tokens) for each, tokens in parts), Decimal(0))
