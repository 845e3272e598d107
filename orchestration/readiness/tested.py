"""The rule on test cases: none of them fails."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration import starts
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import Definition, Facts, Lack, rule


def _misfits(schema: dict[str, Any], given: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        return starts.problems(schema, given)
    except RecursionError:
        return [("", _("the schema refers to itself without end."))]


@rule("tests", BLOCKS, gettext_lazy("Every test case passes"))
def tests(definition: Definition, facts: Facts) -> Iterator[Lack | None]:
    """Each passed when it was run dry on this very text, once its input fits. Looking at it runs nothing."""
    if definition.problems:
        return
    cases = list(enumerate(definition.document.get("tests", [])))
    misfits = {number: _misfits(definition.document["input"], case["input"]) for number, case in cases}
    fitting = [(number, case) for number, case in cases if not misfits[number]]
    for number, case in cases:
        if found := misfits[number]:
            told = {"name": case["name"], "why": f"{found[0][0]} {found[0][1]}".strip()}
            what = _("The input of the test case “%(name)s” does not fit: %(why)s") % told
            yield Lack(what, _("Mend its input."), part=("tests", number, "input"))
    if facts.tried is None or not fitting:
        return
    known = facts.tried(definition.document, [case for number, case in fitting])
    for (number, case), why in zip(fitting, known, strict=True):
        yield _lack(number, case["name"], why) if why != "" else None


def _lack(number: int, name: str, why: str | None) -> Lack:
    if why is None:
        what = _("The test case “%(name)s” was not run on this text.") % {"name": name}
        return Lack(what, _("Run the test cases."), part=("tests", number))
    what = _("The test case “%(name)s” fails: %(why)s") % {"name": name, "why": why}
    return Lack(what, _("Mend the steps, or what the test case expects."), part=("tests", number))
