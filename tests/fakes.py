"""Fakes for the outermost edge: what models answer."""

import json
from typing import Any

from orchestration.providers import Answer, Price, Provider, ProviderError


class FakeModel:
    """One provider that answers what it was told, or fails as it was told."""

    price = Price(0.000001, 0.000002)

    def __init__(self, name: str, answer: dict[str, Any] | str) -> None:
        self.name = name
        self.says: dict[str, Any] | str = answer
        self.fails = ""
        self.calls = 0

    def about(self) -> str:
        """What it answers."""
        return "It answers what a test wants."

    def load(self) -> None:
        """Nothing to load."""

    def answer(self, messages: list[dict[str, str]]) -> Answer:
        """Answer, and count."""
        self.calls += 1
        if self.fails:
            raise ProviderError(self.fails)
        return Answer.to(messages, self.says if isinstance(self.says, str) else json.dumps(self.says))


class FakeModels:
    """The two providers of the sample workflow."""

    def __init__(self) -> None:
        self.intent = FakeModel("intent", {"label": "pending_card_payment", "confidence": 0.83})
        body = "Hello Ines Duarte,\n\nYour payment is on its way.\n\nKind regards,\nNorthwind Bank support"
        self.scripted = FakeModel("scripted", {"subject": "Your pending card payment", "body": body})

    def get(self, name: str) -> Provider:
        """As `providers.get`."""
        return {"intent": self.intent, "scripted": self.scripted}[name]
