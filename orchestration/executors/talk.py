"""A talk with models: its messages, and what it took until now."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from orchestration.call import Reply
from orchestration.outcomes import Spent
from orchestration.routing.redaction import Cover
from orchestration.routing.route import Route
from orchestration.states import ConfidenceSource


@dataclass(slots=True)
class Talk:
    """A conversation so far, on one route."""

    route: Route
    messages: list[dict[str, Any]]
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    called: list[str] = field(default_factory=list)
    cover: Cover | None = None
    kept: int = 0  # messages that an earlier try has kept already
    certainty: float | None = None  # of the last answer

    @classmethod
    def on(cls, route: Route, messages: list[dict[str, Any]], *, kept: int = 0) -> Self:
        """A talk that begins with these messages; what rules want blacked out of them is."""
        if not route.kinds:
            return cls(route, [*messages], kept=kept)
        cover = Cover(route.kinds)
        return cls(route, cover.over(messages), cover=cover, kept=kept)

    def heard(self, reply: Reply) -> None:
        """Keep the whole message: a provider may want back more than its text."""
        self.messages.append(reply.message or {"role": "assistant", "content": reply.text})
        self.model, self.certainty = reply.model, reply.certainty
        self.tokens_in += reply.tokens_in
        self.tokens_out += reply.tokens_out
        self.cost += reply.cost

    def plain(self, text: str) -> str:
        """What a model wrote, with what stood behind the placeholders."""
        return self.cover.back(text) if self.cover else text

    @property
    def spent(self) -> Spent:
        """What was spent until now, with every call; the prompt is all that no earlier try has kept.

        The confidence is that of the last answer's log-probabilities, where there are any.
        """
        called = tuple(dict.fromkeys(self.called))
        model = self.model or self.route.decided.chosen
        return Spent(
            model,
            self.tokens_in,
            self.tokens_out,
            self.cost,
            self.certainty,
            "" if self.certainty is None else ConfidenceSource.LOGPROBS,
            self.messages[self.kept :],
            called,
            routing=self.route,
        )
