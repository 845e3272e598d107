"""`python -m tests.farm.triage`: real questions of bank customers (banking77), sorted by whichever model does it best.

Three models may do it: the built-in classifier, a nearest neighbour behind an address of its own, and, where it
installs, a small language model on this machine. What their admin thinks of them is wrong on purpose. Questions come
in batches of twenty; after each the choice follows what was measured. Then each model alone sorts as many, so that
the page of figures holds them beside one another.
"""

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.farm.__main__ import say, standing

BATCH, EACH, REST = 20, 200, 80  # questions in a batch, to each model alone, and at the end
STAGES = 5


def main() -> None:
    """Sort, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.farm.triage")
    parser.add_argument("--data", type=Path, help="the whole of banking77's train.csv, in place of 400 questions of it")
    parser.add_argument("--each", type=int, default=EACH, help="questions to each model alone")
    parser.add_argument("--no-local", dest="local", action="store_false", help="without the language model")
    asked = parser.parse_args()
    with standing(2):
        broken = triage(asked.data, asked.each, local=asked.local)
    if broken:
        raise SystemExit(f"Broken: {', '.join(broken)}.")


def triage(data: Path | None, each: int, *, local: bool, then: Callable[[], None] = lambda: None) -> list[str]:
    """Everything, and `then` whatever wants to look at it. The names of the conditions that do not hold."""
    from tests.farm import sorting
    from tests.farm.large import local_model
    from tests.routing.farm import farm

    with ExitStack() as stack:
        found = sorting.train()
        if local and (own := local_model(stack)) is not None:
            own.facts["tags"] = [sorting.TAG]
            found.append(own)
        servers = stack.enter_context(farm(*found))
        models = sorting.models(servers)
        questions = sorting.Questions(data)
        chosen = [sorting.ask(questions.some(BATCH)) for _ in range(STAGES)]
        for name in models:
            sorting.ask(questions.some(each), named=name)
        chosen.append(sorting.ask(questions.some(REST)))
        for number, one in enumerate(chosen, 1):
            print(json.dumps({"batch": number, **one._asdict()}), flush=True)
        figures = sorting.told()
        for model, told in figures.items():
            say(f"triage_by_{model}", told, "of the last 200 at the most")
        conditions = sorting.judged(chosen, figures)
        for condition in conditions:
            print(condition.line(), flush=True)
        then()
    return [one.name for one in conditions if not one.holds]


if __name__ == "__main__":
    main()
