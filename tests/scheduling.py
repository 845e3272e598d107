"""How tests are shared out among processes: a file stays together, and so does what stands in one house."""

from xdist.scheduler.loadfile import LoadFileScheduling

HOUSES = ("tests/e2e/",)  # folders whose tests share processes that take long to start


class ByHouse(LoadFileScheduling):  # type: ignore[misc]
    """By file; a folder with a house of its own goes to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((house for house in HOUSES if nodeid.startswith(house)), None) or super()._split_scope(nodeid)
