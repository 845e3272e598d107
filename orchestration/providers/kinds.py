"""What a built-in provider is, what it gives back and how it fails."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

type Messages = list[dict[str, str]]

CHARACTERS_A_TOKEN = 4


class ProviderError(Exception):
    """A built-in provider could not answer."""


class UnknownProvider(ProviderError):
    """No built-in provider has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(_("There is no built-in provider called “%(name)s”.") % {"name": name})


class Price(NamedTuple):
    """A nominal internal price in US dollars, for one token in and one token out."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said, and how many tokens went in and came out."""

    text: str
    prompt_tokens: int
    completion_tokens: int

    @classmethod
    def to(cls, messages: Messages, text: str) -> "Answer":
        """The answer `text` to `messages`, with its tokens counted."""
        return cls(text, sum(tokens(message.get("content") or "") for message in messages), tokens(text))


class Provider(Protocol):
    """A model that lives in this process. `load` may be called early; `answer` calls it when it must."""

    name: str
    price: Price

    def about(self) -> str:
        """What it reads and answers, and what it lacks here, for whoever chooses it."""

    def load(self) -> object:
        """Read what is needed to answer; raises ProviderError."""

    def answer(self, messages: Messages) -> Answer:
        """Answer the last user message; raises ProviderError."""


def tokens(text: str) -> int:
    """An estimate, since these providers have no tokeniser: a token for every four characters begun."""
    return -(-len(text) // CHARACTERS_A_TOKEN)
