"""Which tools there are: the built-in ones, those that a house names in `HANDRAIL_TOOLS`, and the declared ones."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from orchestration.tools.tool import Tool


class NoSuchModule(ImproperlyConfigured):
    """A module of `HANDRAIL_TOOLS` cannot be imported, or offers no list of tools."""


class DoubledTool(ImproperlyConfigured):
    """Two tools have one name."""


class Registry(Mapping[str, Tool]):
    """Tools by name. A house's own modules are imported at the first look, so that they may import ours.

    `declared` gives those that other systems declare, as the catalog has them now.
    """

    def __init__(self, *built_in: Tool, declared: Callable[[], Mapping[str, Tool]] = dict) -> None:
        self._built_in = built_in
        self._declared = declared
        self._found: dict[str, Tool] | None = None

    def __getitem__(self, name: str) -> Tool:
        here = self.load()
        return here[name] if name in here or not name else self._declared()[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._declared(), **self.load()})

    def __len__(self) -> int:
        return len({**self._declared(), **self.load()})

    def load(self) -> dict[str, Tool]:
        """Those that live in this process, read once. Raises `NoSuchModule` or `DoubledTool`."""
        if self._found is None:
            offered = [tool for module in settings.HANDRAIL_TOOLS for tool in tools_of(module)]
            self._found = _by_name([*self._built_in, *offered])
        return self._found


def tools_of(module: str) -> list[Tool]:
    """What a module offers as `TOOLS`, or `NoSuchModule`."""
    try:
        offered = import_module(module).TOOLS
    except Exception as error:  # whatever somebody else's module raises while it is imported
        raise NoSuchModule(f"HANDRAIL_TOOLS names {module!r}, which gives no tools: {_told(error)}") from error
    if not isinstance(offered, list | tuple) or not all(isinstance(tool, Tool) for tool in offered):
        raise NoSuchModule(f"HANDRAIL_TOOLS names {module!r}, whose TOOLS is no list of tools.")
    return list(offered)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(".") + "."


def _by_name(offered: list[Tool]) -> dict[str, Tool]:
    found: dict[str, Tool] = {}
    for tool in offered:
        if found.setdefault(tool.name, tool) is not tool:
            raise DoubledTool(f"Two tools have the name {tool.name!r}.")
    return found


HINTS = {
    NoSuchModule: (
        "orchestration.E001",
        "Give HANDRAIL_TOOLS Python modules that can be imported here, parted by commas; "
        "each has TOOLS, a list of orchestration.tools.Tool.",
    ),
    DoubledTool: (
        "orchestration.E002",
        "Give a tool of yours a name of its own, beginning with the system that it calls: crm.find, say.",
    ),
}


def problems_of(registry: Registry) -> list[checks.CheckMessage]:
    """Why the tools cannot be had, as messages of a system check."""
    try:
        registry.load()
    except (NoSuchModule, DoubledTool) as error:
        number, hint = HINTS[type(error)]
        return [checks.Error(str(error), hint=hint, id=number)]
    return []


def connect(registry: Registry) -> None:
    """Register the check with Django under the tag `database`: the one that every process asks when it starts."""

    def tools_can_be_had(**_: Any) -> list[checks.CheckMessage]:
        return problems_of(registry)

    checks.register(tools_can_be_had, checks.Tags.database)
