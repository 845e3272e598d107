"""A hundred broken documents: the sample, mutated. Each gives a clear message with a line, and never another error."""

import random
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
import yaml

from audit.actors import COMMAND, person
from deploy.sample import workspace
from orchestration import catalog, documents, readiness, templates, workflows
from orchestration.documents import BadDocument
from orchestration.documents.loading import load
from orchestration.models import Version, Workflow
from tests.cast import Cast
from tests.orchestration.drafting import EVERY_KIND

SAMPLE = templates.get(workspace.FIRST).source
SEED = 20261123
EACH = 20  # broken documents of each way of breaking by chance
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x" * 3000,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    "steps.nowhere.x",
    "1 +",
    "\u202e",
]
LARGE = 5_000_000

ONCE = tuple(f"    {name}: " for name in ("name", "kind", "purpose", "owner", "data", "fallback", "permission"))

type Path = tuple[str | int, ...]
type Chance = random.Random


def parts(value: Any, path: Path = ()) -> list[Path]:
    """Every place in a document, from the outermost."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, one in inner for found in [(*path, name), *parts(one, (*path, name))]]


def around(document: Any, path: Path) -> Any:
    """What a place stands in."""
    for part in path[:-1]:
        document = document[part]
    return document


def required(document: Any) -> list[Path]:
    """The places without which there is no version: those of the top, and of each step."""
    names = {"slug", "name", "purpose", "risk", "owner", "title", "groups", "input", "steps"}
    names |= {"key", "kind", "permission", "model", "tool", "prompt", "label"}
    return [path for path in parts(document) if path[-1] in names and len(path) in (1, 3) and path[0] != "tests"]


def dumped(document: Any) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10**9))


def missing(chance: Chance) -> str:
    """Something that is needed is not there."""
    document = load(SAMPLE).value
    path = chance.choice(required(document))
    del around(document, path)[path[-1]]
    return dumped(document)


def doubled(chance: Chance) -> str:
    """A step stands twice, or a key does."""
    if chance.random() < 0.5:
        document = load(SAMPLE).value
        steps = document["steps"]
        steps.insert(chance.randrange(len(steps)), deepcopy(chance.choice(steps)))
        return dumped(document)
    lines = SAMPLE.splitlines()
    at = chance.choice([at for at, line in enumerate(lines) if line.startswith(ONCE)])
    return "\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])


def cyclic(chance: Chance) -> str:
    """A step reads itself, or one that comes later."""
    document = load(SAMPLE).value
    steps = document["steps"]
    place = chance.randrange(len(steps) - 1)
    later = chance.choice(steps[place:])["key"]
    steps[place]["input"]["question"] = f"steps.{later}.x"
    return dumped(document)


def of_wrong_type(chance: Chance) -> str:
    """Something is of another type than it must be."""
    document = load(SAMPLE).value
    path = chance.choice([path for path in required(document) if path[-1] != "prompt"])
    was = around(document, path)[path[-1]]
    around(document, path)[path[-1]] = chance.choice([odd for odd in ODD if type(odd) is not type(was)])
    return dumped(document)


def cut(chance: Chance) -> str:
    """The file ends in the middle of the steps."""
    end = SAMPLE.index("  - key: send")
    return SAMPLE[: chance.randrange(len(SAMPLE) // 20, end)] + chance.choice(["\n  x: [", "\n\t- y", '\n "'])


BY_CHANCE: list[Callable[[Chance], str]] = [missing, doubled, cyclic, of_wrong_type, cut]
BOMBS = {
    "laughs": "".join(f"{a}: &{a} [*{b}, *{b}]\n" for a, b in pairwise("zyxwvutsrq")),
    "merged": f"{SAMPLE}base: &base {{a: 1}}\nmore: {{<<: *base}}\n",
    "itself": "a: &a [*a]\n",
    "object": f"{SAMPLE}x: !!python/object/apply:os.system ['true']\n",
    "5 MB of text": SAMPLE + "x: " + "y" * LARGE,
    "5 MB of lines": SAMPLE + "# more\n" * (LARGE // 7),
    "brackets": f"{SAMPLE}x: {'[' * 400_000}",
    "braces": f"{SAMPLE}x: {'{' * 400_000}",
    "dashes": "- " * 200_000,
    "questions": "? " * 200_000,
    "keys": SAMPLE + "".join(f"k{n}: 1\n" for n in range(10_000)),
    "keys of a step": SAMPLE.replace("    kind: model\n", "    kind: model\n" + "    k: 1\n" * 10_000, 1),
    "values": f"{SAMPLE}x: [{'1,' * 200_000}]",
    "digits": f"{SAMPLE}x: {'9' * 6000}",
    "not a number": f"{SAMPLE}x: .nan",
    "nul": SAMPLE.replace("name: Triage", 'name: "Tri\\0age"'),
    "half a pair": SAMPLE.replace("name: Triage", "name: \ud800"),
    "control": SAMPLE.replace("name: Triage", "name: \x07"),
    "two documents": f"{SAMPLE}---\n{SAMPLE}",
    "nothing": "",
    "a list": "- 1\n- 2\n",
    "schema that is none": SAMPLE.replace("type: number", "type: nothing", 1),
    "schema elsewhere": SAMPLE.replace("title: Label,", "$ref: 'http://127.0.0.1/x', title: Label,", 1),
    "pattern": SAMPLE.replace("format: email", "pattern: '('", 1),
    "expression": SAMPLE.replace('title: "input.question"', f'title: "{"(" * 1900}"', 1),
    "loop": SAMPLE.replace('title: "input.question"', 'title: "[1].map(input, input)"', 1),
    "priorities": SAMPLE.replace("priority: 0", "priority: 99", 1),
    "no day": SAMPLE.replace("until: 2030-12-31", "until: 2030-02-31", 1),
}


def every() -> dict[str, str]:
    """All of them by name; the same at each start."""
    chance = random.Random(SEED)
    made = {f"{way.__name__} {n}": way(chance) for way in BY_CHANCE for n in range(EACH)}
    return made | BOMBS


ALL = every()
WAYS = [*(way.__name__ for way in BY_CHANCE), "bombs"]


def broken(way: str) -> dict[str, str]:
    """Those that are broken in one way."""
    return BOMBS if way == "bombs" else {name: source for name, source in ALL.items() if name.startswith(f"{way} ")}


def test_there_are_more_than_a_hundred_and_hardly_two_alike() -> None:
    assert len(ALL) > 100
    assert len(set(ALL.values())) > 85


@pytest.mark.parametrize("way", WAYS)
def test_it_is_refused_with_a_line_and_nothing_is_saved(cast: Cast, way: str) -> None:
    before = (Workflow.objects.count(), Version.objects.count())
    for name, source in broken(way).items():
        try:
            workflows.publish(source, actor=person(cast.adam), by=cast.adam)
        except BadDocument as error:
            check(name, source, error)
        else:
            pytest.fail(f"{name} was published")
    assert (Workflow.objects.count(), Version.objects.count()) == before


def check(name: str, source: str, error: BadDocument) -> None:
    """Each problem is a sentence that can be read, with a line that there is."""
    last = max(len(source.splitlines()), 1)
    assert error.problems, name
    for problem in error.problems:
        assert 0 < problem.line <= last, (name, problem)
        assert 5 < len(str(problem)) < 1000, (name, problem)


@pytest.mark.parametrize("way", WAYS)
def test_readiness_says_what_is_wrong_with_it(cast: Cast, way: str) -> None:
    catalog.bring_in_line(actor=COMMAND)
    for name, source in broken(way).items():
        report = readiness.check(source)
        assert report.blocking, name
        assert all(finding.line > 0 and finding.what for finding in report.findings), name


@pytest.fixture(scope="module")
def somewhere() -> list[str]:
    """The sample and a document of every kind, each with one value anywhere replaced or removed: many still load."""
    chance, made = random.Random(SEED), []
    for source in (SAMPLE, EVERY_KIND):
        places = parts(load(source).value)
        for _ in range(100):
            document = load(source).value
            path = chance.choice(places)
            if chance.random() < 0.3:
                del around(document, path)[path[-1]]
            else:
                around(document, path)[path[-1]] = deepcopy(chance.choice(ODD))
            made.append(dumped(document))
    return made


def test_readiness_takes_whatever_it_is_given(cast: Cast, somewhere: list[str]) -> None:
    catalog.bring_in_line(actor=COMMAND)
    for source in somewhere:
        report = readiness.check(source)
        assert all(finding.line > 0 and finding.what for finding in report.findings), source


def test_whatever_is_read_is_read_the_same_again(somewhere: list[str]) -> None:
    read = []
    for source in somewhere:
        try:
            read.append(documents.read(source))
        except BadDocument as error:
            check(source, source, error)
    assert 0 < len(read) < len(somewhere)
    assert all(documents.read(dumped(document)) == document for document in read)
