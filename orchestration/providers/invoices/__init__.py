"""The provider `invoice`: reads the fields of an invoice out of its text, by rules that guess nothing."""

import json
from dataclasses import asdict

from django.utils.translation import gettext as _

from orchestration.providers import step_input
from orchestration.providers.invoices import reading
from orchestration.providers.kinds import Answer, Messages, Price


class Invoice:
    """Answers `{issuer, number, date, amount, currency, lines, missing, confidence}` to an input with a `text`.

    What it does not find is an empty text, and stands in `missing`. `amount` is a text such as "279.84".
    """

    name = "invoice"
    price = Price(input=0.0, output=0.0)

    def about(self) -> str:
        """What it reads and answers."""
        return _("Reads text; answers issuer, number, date, amount, currency, lines, missing and confidence.")

    def answer(self, messages: Messages) -> Answer:
        """Read the text that the step's input carries."""
        given = step_input.read(messages)
        found = reading.read(str(given.get("text") or ""))
        said = {**asdict(found), "missing": found.missing, "confidence": found.confidence}
        said.pop("sure")
        return Answer.to(messages, json.dumps(said, ensure_ascii=False))

    def load(self) -> object:
        """Nothing to load."""
        return None
