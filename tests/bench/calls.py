"""Calls of models: many runs of one call each, against a server on loopback that takes its time."""

from tests.bench import house, provider
from tests.bench.cpu import Meter, family, spent, trees
from tests.bench.driver import Handrail
from tests.bench.figures import Figure, Sizes, medians
from tests.bench.memory import Peak
from tests.bench.provider import Provider


def calls(sizes: Sizes) -> list[Figure]:
    """Wall, CPU and memory of so many calls at once as two workers hold."""
    with provider.standing(sizes.call_seconds) as model, house.standing(model_url=model.url) as handrail:
        return medians(sizes.repeats, lambda: called(handrail, model, sizes))


def called(handrail: Handrail, model: Provider, sizes: Sizes, *, routed: bool = False) -> list[Figure]:
    """The same once, on a system that stands."""
    roots, before = trees(handrail), spent(family([model.pid]))
    with Peak(roots) as peak, Meter(roots, apart=lambda: peak.spent) as meter:
        seconds = handrail.model_runs(sizes.calls, model.url, routed=routed)
        handrail.settle()
    return [
        ("calls_wall", seconds, "s"),
        *meter.figures("calls", sizes.calls),
        ("calls_cpu_of_the_server", (spent(family([model.pid])) - before) * 1000 / sizes.calls, "CPU-ms"),
        ("calls_most_at_once", model.told()["most_at_once"], "calls"),
        ("calls_memory", peak.of("workers", "clock"), "MiB"),
        ("calls_memory_with_servers", peak.of(*roots), "MiB"),
    ]
