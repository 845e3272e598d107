"""Who looks at the calls of an agent, in sentences, where nothing but its own text is known."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from orchestration.explain import whom
from orchestration.explain.path import besides


def calls(review: dict[str, Any]) -> str:
    """All of a section `call_review`. What has no shape yet is not guessed at."""
    try:
        return " ".join(_waived(review["waiver"]) if "waiver" in review else _decided(review))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return _("Something is set here that cannot be read yet.")


def _decided(review: dict[str, Any]) -> Iterator[str]:
    yield _("%s decide on its calls that change something.") % whom.first(review)
    yield _("They may change it, approve it, or refuse it with a note that the agent reads.")
    yield from besides(review)


def _waived(waiver: Any) -> Iterator[str]:
    until, reason = (waiver.get("until"), waiver.get("reason", "")) if isinstance(waiver, dict) else ("", waiver)
    yield _("Waived until %(until)s.") % {"until": until} if until else _("Waived.")
    yield str(reason)
