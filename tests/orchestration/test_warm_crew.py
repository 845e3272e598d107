"""What the parent of workers has loaded before it forks: nobody who takes a dead one's place has time for it."""

import signal

import pytest

from audit import garbage
from orchestration import call, crew, providers
from orchestration.crew import Crew
from orchestration.tools import kinds


def test_it_loads_models_providers_and_kinds_of_tools_before_it_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for module, name in ((call, "warm_up"), (providers, "warm"), (kinds, "warm"), (crew, "close_database")):
        monkeypatch.setattr(module, name, lambda told=f"{module.__name__}.{name}": done.append(told))
    monkeypatch.setattr(garbage, "settle_in", lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def forked(made: Crew, after: int) -> None:
        done.append("fork")
        made.stopping = True
        made.size = 0

    monkeypatch.setattr(Crew, "_fork", forked)
    monkeypatch.setattr(Crew, "_wait_for_all", lambda _: None)
    Crew(1).run()
    assert done == [
        "orchestration.call.warm_up",
        "orchestration.providers.warm",
        "orchestration.tools.kinds.warm",
        "orchestration.crew.close_database",
        "fork",
    ]


def test_each_kind_of_tool_loads() -> None:
    kinds.warm()
