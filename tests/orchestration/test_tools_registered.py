"""A house brings its own tools: Python modules that `HANDRAIL_TOOLS` names."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from orchestration.tools import KEYED, SAFE, Tool, email
from orchestration.tools.registry import NoSuchModule, Registry, problems_of
from tests.processes import ROOT

HOUSE = """
from orchestration.tools import SAFE, Tool

def tool(name):
    any_object, nothing = {"type": "object"}, lambda given: []
    return Tool(name, 1, name, "read", False, any_object, lambda given, key: given, nothing, lambda: SAFE)

TOOLS = [tool(%r)]
"""

type Bring = Callable[..., Registry]


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Bring:
    """A registry that finds the modules given, by their text."""

    def brought(**modules: str) -> Registry:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(tmp_path)
        settings.HANDRAIL_TOOLS = list(modules)
        return Registry(email.SEND)

    return brought


def test_it_registers_a_houses_tools_beside_its_own(bring: Bring) -> None:
    registry = bring(house_crm=HOUSE % "crm.find", house_files=HOUSE % "files.read")
    assert list(registry) == ["email.send", "crm.find", "files.read"]
    assert registry["crm.find"].call({"customer": 7}, "run-1-step-find") == {"customer": 7}
    assert problems_of(registry) == []


def test_it_imports_them_once_at_the_first_look(bring: Bring) -> None:
    registry = bring(house_once=HOUSE % "once.only")
    assert "house_once" not in sys.modules
    first: Tool | None = registry.get("once.only")
    assert first is not None
    assert (first.repeatability, KEYED) == (SAFE, registry["email.send"].repeatability)
    assert registry["once.only"] is first


def test_it_has_no_tool_that_nobody_brought(bring: Bring) -> None:
    registry = bring()
    assert registry.get("crm.find") is None
    with pytest.raises(KeyError):
        registry["crm.find"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'."),
        ("TOOLS = [", "SyntaxError"),
        ("tools = []", "has no attribute 'TOOLS'."),
        ("TOOLS = ['crm.find']", "whose TOOLS is no list of tools."),
    ],
)
def test_a_check_names_a_module_that_gives_no_tools(bring: Bring, text: str, told: str) -> None:
    registry = bring(house_wrong=text)
    (found,) = problems_of(registry)
    assert found.id == "orchestration.E001"
    assert "'house_wrong'" in found.msg
    assert told in found.msg
    assert "HANDRAIL_TOOLS" in str(found.hint)
    with pytest.raises(NoSuchModule):
        registry.get("email.send")


def test_a_check_names_a_name_that_two_tools_have(bring: Bring) -> None:
    (found,) = problems_of(bring(house_one=HOUSE % "crm.find", house_two=HOUSE % "crm.find"))
    assert found.id == "orchestration.E002"
    assert "'crm.find'" in found.msg
    assert "crm.find" in str(found.hint)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", ["worker", "clock", "web"])
def test_no_process_starts_with_a_module_that_is_not_there(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_TOOLS", "house.of.cards")
    started = [sys.executable, "manage.py", command]
    ended = subprocess.run(started, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "(orchestration.E001) HANDRAIL_TOOLS names 'house.of.cards'" in ended.stderr
