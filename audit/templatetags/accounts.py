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
def device(agent: str) -> str:
    """A browser as people call it."""
    return sessions.device(agent)
