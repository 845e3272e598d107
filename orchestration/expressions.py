"""The one language for conditions, mappings and metrics: CEL. Nothing is ever evaluated as Python."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    import cel

LONGEST = 2000  # characters


class BadExpression(ValueError):
    """The expression cannot be read, or cannot be worked out on what is there."""


@lru_cache(maxsize=4096)
def read(text: str) -> "cel.Program":
    """`text` as a program, or `BadExpression`."""
    if len(text) > LONGEST:
        raise BadExpression(f"The expression is longer than {LONGEST} characters.")
    import cel  # here, since its package loads a whole command line: half a second of every start

    try:
        return cel.compile(text)
    except ValueError as error:
        raise BadExpression(str(error).splitlines()[0]) from error


def gather(scope: dict[str, Any]) -> Any:
    """`scope` in the form that expressions read: made once, where many are worked out on the same large values."""
    import cel

    try:
        return cel.Context(variables=scope)
    except Exception as error:
        raise BadExpression(_("The values cannot be read: %s") % error) from error


def put(gathered: Any, name: str, value: Any) -> None:
    """Give a name another value in what `gather` made."""
    gathered.add_variable(name, value)


def functions(text: str) -> list[str]:
    """The functions that `text` calls, its operators among them."""
    return list(read(text).functions())


def evaluate(text: str, scope: Any) -> Any:
    """What `text` comes to in `scope` (`input`, `steps`, `run`, ...), a dictionary or what `gather` made of one."""
    try:
        return read(text).execute(scope)
    except BadExpression:
        raise
    except Exception as error:
        raise BadExpression(_("%(text)s cannot be worked out: %(why)s") % {"text": repr(text), "why": error}) from error


def names(text: str) -> list[str]:
    """The names that `text` reads from the scope."""
    return list(read(text).variables())
