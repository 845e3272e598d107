"""What a run starts with: the current version, waivers that hold, an input that fits its schema, a title."""

from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from audit.canonical import NotCanonical, canonical, clean
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Version, Workflow
from orchestration.states import VersionStatus, WorkflowStatus
from orchestration.waived import expired

LONGEST_TITLE = 200


class CannotStart(Exception):
    """The workflow takes no runs now: it is retired, has no published version, or a waiver in it has ended."""


class BadInput(ValueError):
    """The input does not fit. `problems` names each field (or "") with a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {told}" if field else told for field, told in problems))
        self.problems = problems


def current_version(workflow: Workflow) -> Version:
    """The version that new runs follow."""
    version = workflow.current
    if workflow.status == WorkflowStatus.RETIRED or version is None or version.status != VersionStatus.PUBLISHED:
        raise CannotStart(f"{workflow.name} takes no runs now.")
    return version


def check_waivers(version: Version, at: datetime | None = None) -> None:
    """Raise when a step of the version goes without a review, and may no longer."""
    if ended := expired(version, at):
        steps = ", ".join(f"{one.step} (until {one.waiver.until})" for one in ended)
        raise CannotStart(
            f"{version.workflow.name} takes no new runs: what let these steps go without a review has ended: {steps}. "
            "Publish a version with a review point there, or with a waiver that is signed anew."
        )


def problems(schema: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    """Where `value` does not fit the JSON schema: (field, sentence) pairs."""
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    found = sorted(checker.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    return [(".".join(map(str, error.absolute_path)), error.message[:300]) for error in found]


def unkept(value: Any) -> list[tuple[str, str]]:
    """Why a value that came from outside cannot be kept as it is: (field, sentence) pairs."""
    try:
        canonical(value)
    except NotCanonical as error:
        return [("", str(error))]
    return [("", "The text holds characters that cannot be kept (NUL or half of a pair).")] if clean(value)[1] else []


def title(version: Version, given: dict[str, Any]) -> str:
    """Check the input against the version's schema, and make the run's title from it."""
    if found := unkept(given) or problems(version.document["input"], given):
        raise BadInput(found)
    try:
        made = str(evaluate(version.document["title"], {"input": given}))
    except BadExpression:
        made = version.workflow.name
    return " ".join(made.split())[:LONGEST_TITLE] or version.workflow.name


def key(version: Version, given: dict[str, Any]) -> str:
    """What the run takes turns by (a customer, say), or ""."""
    text = version.document.get("limits", {}).get("key")
    if not text:
        return ""
    try:
        return str(evaluate(text, {"input": given}))[:LONGEST_TITLE]
    except BadExpression as error:
        raise BadInput([("", f"The key that runs take turns by cannot be worked out: {error}")]) from error
