"""The built-in providers: models that need no key and no network, called like any other."""

from orchestration.providers.intent import Intent
from orchestration.providers.invoices import Invoice
from orchestration.providers.kinds import Answer, Price, Provider, ProviderError, UnknownProvider
from orchestration.providers.scripted import Scripted
from orchestration.providers.unplugged import Unplugged

__all__ = ["Answer", "Price", "Provider", "ProviderError", "UnknownProvider", "get", "names", "warm"]

BUILT_IN: tuple[Provider, ...] = (Intent(), Invoice(), Scripted(), Unplugged())
PROVIDERS = {provider.name: provider for provider in BUILT_IN}


def names() -> list[str]:
    """The names of all built-in providers."""
    return sorted(PROVIDERS)


def get(name: str) -> Provider:
    """The built-in provider called `name`; raises UnknownProvider."""
    if name not in PROVIDERS:
        raise UnknownProvider(name)
    return PROVIDERS[name]


def warm() -> None:
    """Load what the providers need, for a parent that is about to fork. What is not there yet is left out."""
    for provider in PROVIDERS.values():
        try:
            provider.load()
        except ProviderError:
            continue
