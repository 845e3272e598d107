"""The questions as a feed: which file they come from, and which is next."""

import shutil
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from deploy.sample import questions
from deploy.sample.customers import customer

KIND = "feed"
NAME = "Sample questions"


def chosen() -> Path:
    """The file that `use` put into the data folder, or the carried one."""
    own = _own()
    return own if own.exists() else questions.CARRIED


def use(file: Path) -> int:
    """Let questions come from a copy of `file` from now on; how many it has. Raises BadQuestions."""
    found = len(questions.read(file))
    own = _own()
    own.parent.mkdir(parents=True, exist_ok=True)
    unfinished = own.with_suffix(".new")
    shutil.copyfile(file, unfinished)
    unfinished.replace(own)
    return found


def entry(place: int) -> dict[str, str]:
    """What the run of entry `place` starts with; after the last question the first comes again."""
    file = chosen()
    known = _read(file, file.stat().st_mtime_ns)
    name, address = customer(place)
    return {"question": known[place % len(known)], "customer_name": name, "customer": address}


def _own() -> Path:
    return Path(settings.HANDRAIL_HOME) / "questions.csv"


@lru_cache(maxsize=1)
def _read(file: Path, changed: int) -> list[str]:
    return [question["question"] for question in questions.read(file)]
