"""What pages of accounts need."""

from typing import Any

from django import template

from audit.accounts import passkeys, sessions

register = template.Library()


@register.simple_tag(takes_context=True)
def passkeys_work(context: dict[str, Any]) -> bool:
    """Whether a passkey can be used at this address."""
    return "request" in context and passkeys.work(context["request"])


@register.filter
def minutes(seconds: int) -> int:
    """Seconds as whole minutes."""
    return -(-int(seconds) // 60)


@register.filter
def fours(secret: str) -> list[str]:
    """A long key in groups of four, as people read it aloud."""
    return [secret[at : at + 4] for at in range(0, len(secret), 4)]


@register.filter
def device(agent: str) -> str:
    """A browser as people call it."""
    return sessions.device(agent)
