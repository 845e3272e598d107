"""The provider `unplugged`: stands where no model is plugged in yet, and says so instead of answering."""

from django.utils.translation import gettext as _

from orchestration.providers.kinds import Answer, Messages, Price, ProviderError


class NotPluggedIn(ProviderError):
    """No model is plugged in at this step."""


class Unplugged:
    """Refuses every question at once, so that a step goes on with its fallback: a person."""

    name = "unplugged"
    price = Price(input=0.0, output=0.0)

    def about(self) -> str:
        """That it answers nothing."""
        return _("Stands where no model is plugged in yet: the step goes on with its fallback, a person.")

    def answer(self, messages: Messages) -> Answer:
        """Say that there is nobody to answer."""
        told = _("No model is plugged in here. Choose one of the catalog at this step, and publish a version with it.")
        raise NotPluggedIn(told)

    def load(self) -> object:
        """Nothing to load."""
        return None
