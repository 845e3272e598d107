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
    """Each is run dry, once its input fits. Where nothing can run them, nothing is said of them."""
    schema = definition.document["input"]
    whole = not definition.problems
    for number, case in enumerate(definition.document.get("tests", [])):
        mend = _("Mend the steps, or what the test case expects.")
        misfits = _misfits(schema, case["input"]) if whole else []
        told = {"name": case["name"], "why": f"{misfits[0][0]} {misfits[0][1]}".strip() if misfits else ""}
        if misfits:
            what = _("The input of the test case “%(name)s” does not fit: %(why)s") % told
            yield Lack(what, _("Mend its input."), part=("tests", number, "input"))
        elif whole and facts.tried is not None:
            if why := facts.tried(definition.document, case):
                what = _("The test case “%(name)s” fails: %(why)s") % {**told, "why": why}
                yield Lack(what, mend, part=("tests", number))
            else:
                yield None
