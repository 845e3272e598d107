"""Whether decisions at a review point are signed, and what a signature means there."""

from typing import Any

from django.http import QueryDict

from orchestration.editing.widgets.widget import text


def show(held: dict[str, Any]) -> str:
    """The meaning of a signature; "" where none is asked for."""
    sign = held.get("sign")
    return str(sign.get("meaning", "")) if isinstance(sign, dict) else ""


def read(made: dict[str, Any], name: str, sent: QueryDict) -> None:
    """Put it into the section, or take it out. A form that does not know of it changes nothing."""
    if f"{name}.sign" not in sent:
        return
    if meaning := text(sent, f"{name}.sign"):
        made["sign"] = {"meaning": meaning}
    else:
        made.pop("sign", None)
