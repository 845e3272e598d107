"""Why a call to a model gave no answer: one sentence and one code, in whatever shape a library told it."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext_noop

from orchestration.providers import ProviderError

TIMEOUT, BUSY, CONNECTION, SERVER = "timeout", "busy", "connection", "server"
ANSWER, REFUSED, BUDGET = "answer", "refused", "budget"
LONGEST_AFTER = 3600.0  # seconds of a Retry-After that are believed
DEEPEST = 12  # errors behind an error that are looked at

SENTENCES = {
    400: gettext_noop("The provider could not read the request."),
    401: gettext_noop("The provider refused the key."),
    402: gettext_noop("The provider's account has no credit."),
    403: gettext_noop("The provider does not allow this."),
    404: gettext_noop("The provider does not know this model."),
    413: gettext_noop("The question is longer than the provider takes."),
    422: gettext_noop("The provider could not read the request."),
}
# By the names of litellm's errors, subclasses before their parents. They decide where no HTTP status is known.
NAMED = {
    "ContextWindowExceededError": (REFUSED, gettext_noop("The question is longer than the model can read.")),
    "ContentPolicyViolationError": (REFUSED, gettext_noop("The provider refused the content.")),
    "PaymentRequiredError": (REFUSED, SENTENCES[402]),
    "LiteLLMUnknownProvider": (REFUSED, gettext_noop("There is no such provider.")),
    "UnsupportedParamsError": (REFUSED, gettext_noop("The model does not take what was asked of it.")),
    "AuthenticationError": (REFUSED, SENTENCES[401]),
    "PermissionDeniedError": (REFUSED, SENTENCES[403]),
    "NotFoundError": (REFUSED, SENTENCES[404]),
    "RateLimitError": (BUSY, gettext_noop("The provider is busy.")),
    "BadRequestError": (REFUSED, SENTENCES[400]),
    "UnprocessableEntityError": (REFUSED, SENTENCES[422]),
    "ServiceUnavailableError": (SERVER, gettext_noop("The provider failed.")),
    "BadGatewayError": (SERVER, gettext_noop("The provider failed.")),
}
INSIDE = gettext_noop("Its address lies inside the house.")
STOP = (SENTENCES[400], "The provider refused the content.")  # what another model would not be asked either
ALWAYS_NAMED = ("ContextWindowExceededError", "ContentPolicyViolationError", "PaymentRequiredError")
SAID = {  # in the answers of many providers, whatever their status
    "context_length_exceeded": "ContextWindowExceededError",
    "content_policy": "ContentPolicyViolationError",
    "insufficient_quota": "PaymentRequiredError",
}
LATE = {"Timeout", "TimeoutException", "APITimeoutError"}
LOST = {"TransportError", "ClientError", "ConnectionError", "gaierror"}


class CallFailed(Exception):
    """The call gave no answer: `code` is the kind of failure, `after` the seconds that the provider asks to wait.

    `stops`: it lies in what was asked, so no other model is asked either. Not `counted`: nobody was called at all, so
    it is no try of the step. `begun`: people saw the beginning of an answer, which no other model takes over.
    """

    def __init__(
        self, told: str, *, code: str, after: float | None = None, stops: bool = False, counted: bool = True
    ) -> None:
        super().__init__(told)
        self.counted = counted
        self.begun = False
        self.code = code
        self.after = after
        self.stops = stops

    @property
    def retry(self) -> bool:
        """Whether another try may help."""
        return self.code not in {REFUSED, BUDGET}


class TooLong(Exception):
    """An answer is longer than what is read of one."""


class Inside(Exception):
    """The address of a model's own server is none that may be asked."""


def read(model: str, error: BaseException) -> CallFailed:
    """What an error of a call to `model` comes to."""
    chain = list(_behind(error))
    code, sentence = _judged(chain, ours=model.startswith("handrail/"))
    return CallFailed(f"{model}: {sentence}", code=code, after=_after(chain), stops=sentence in STOP)


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those it arose from, the nearest first."""
    for _ in range(DEEPEST):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _judged(chain: list[BaseException], *, ours: bool) -> tuple[str, str]:
    for one in chain:
        if isinstance(one, ProviderError):
            return REFUSED, str(one)
        if isinstance(one, TooLong):
            return ANSWER, gettext_noop("The answer is too long.")
        if isinstance(one, Inside):
            return REFUSED, INSIDE
    if ours:
        return REFUSED, f"{type(chain[-1]).__name__}: {chain[-1]}"
    names = {cls.__name__ for cls in type(chain[0]).__mro__}
    status = _status(chain)
    return _without_status(chain, names) if status is None else _by_status(status, names, _text(chain))


def _without_status(chain: list[BaseException], names: set[str]) -> tuple[str, str]:
    if names & LATE or any(isinstance(one, TimeoutError) for one in chain):
        return TIMEOUT, gettext_noop("There was no answer in time.")
    if any(cls.__name__ in LOST for one in chain for cls in type(one).__mro__):
        return CONNECTION, gettext_noop("The connection failed.")
    for name, judged in NAMED.items():
        if name in names:
            return judged
    missing = next((one for one in chain if isinstance(one, ImportError)), None)
    if missing is not None:
        return REFUSED, gettext_noop("A library is missing: %s.") % missing.name
    return ANSWER, gettext_noop("The answer cannot be read.")


def _status(chain: Iterable[BaseException]) -> int | None:
    """The status of the HTTP answer. litellm's own errors make one up, so only those of the transport count."""
    for one in chain:
        if any(cls.__name__ == "HTTPStatusError" for cls in type(one).__mro__):
            return int(one.response.status_code)  # type: ignore[attr-defined]
    return None


def _by_status(status: int, names: set[str], text: str) -> tuple[str, str]:
    for name in ALWAYS_NAMED:
        if name in names:
            return NAMED[name]
    for said, name in SAID.items():
        if said in text:
            return NAMED[name]
    if status in (429, 529):
        return BUSY, gettext_noop("The provider is busy (%d).") % status
    if status == 408:
        return TIMEOUT, gettext_noop("There was no answer in time (%d).") % status
    if status >= 500 or status in (409, 425):
        return SERVER, gettext_noop("The provider failed (%d).") % status
    return REFUSED, SENTENCES.get(status, gettext_noop("The provider refused (%d).") % status)


def _text(chain: Iterable[BaseException]) -> str:
    return " ".join(str(one)[:2000] for one in chain)


def _after(chain: list[BaseException]) -> float | None:
    """How many seconds the provider asks to wait: `Retry-After`, as seconds or as a date."""
    for one in chain:
        for headers in (getattr(one, "litellm_response_headers", None), _headers(one)):
            if headers is not None and (said := headers.get("retry-after")):
                return retry_after(str(said), str(headers.get("date") or ""))
    return None


def _headers(error: BaseException) -> Any:
    return getattr(getattr(error, "response", None), "headers", None)


def retry_after(said: str, date: str = "") -> float | None:
    """The seconds that a `Retry-After` says, an hour at the most. A date counts from the provider's own `Date`."""
    try:
        seconds = float(said)
    except ValueError:
        until, since = _moment(said), _moment(date) or datetime.now(UTC)
        if until is None:
            return None
        seconds = (until - since).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_AFTER)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
