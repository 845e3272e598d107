"""How tests are shared out among processes: a file stays together, and so does what stands in one house."""

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

# What shares processes that take long to start, the first that fits. The pages are as much work as all the others.
HOUSES = ("tests/e2e/test_pages.py", "tests/e2e/")
# Begun first, since each is long in one piece: whoever came to it last would be waited for.
LONG = (
    "tests/e2e/",
    "tests/deploy/test_up.py",
    "tests/faults/",
    "tests/templates/",
    "tests/test_permissions.py",
    "tests/registry/test_pauses.py",
)


class ByHouse(LoadFileScheduling):  # type: ignore[misc]
    """By file; a folder with a house of its own goes to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((house for house in HOUSES if nodeid.startswith(house)), None) or super()._split_scope(nodeid)


def long_ones_first(items: list[pytest.Item]) -> None:
    """Put the long pieces in front, and leave the order within each as it is."""
    items.sort(
        key=lambda item: next((place for place, one in enumerate(LONG) if item.nodeid.startswith(one)), len(LONG))
    )


def patient_at_the_door(items: list[pytest.Item]) -> None:
    """The first test in a house waits for migrations, web, workers and browser too, while others hold the cores."""
    seen: set[str] = set()
    for item in items:
        house = next((house for house in HOUSES if item.nodeid.startswith(house)), None)
        if house and house not in seen:
            seen.add(house)
            item.add_marker(pytest.mark.timeout(600))
