"""An edit of what is put to people: what would be carried out with it, if that can be."""

from typing import Any

from audit.canonical import NotCanonical, canonical, clean
from orchestration import pauses, tools
from orchestration.starts import problems
from reviews.models import Review
from reviews.refusals import BadEdit


def edited_content(review: Review, arguments: dict[str, Any] | None) -> dict[str, Any]:
    """The content with the person's edit, or `BadEdit` when it could not be carried out."""
    if arguments is None:
        fills_in = review.step_run.step.kind == "person" or pauses.ASKS in review.content
        if fills_in and (found := _misfits(review, review.arguments)):
            raise BadEdit(found)  # what it asks for has not been filled in
        return dict(review.content)
    if set(arguments) != set(review.arguments):
        raise BadEdit([("", "The fields are not those that were shown.")])
    cleaned, _ = clean(arguments)
    try:
        canonical(cleaned)
    except NotCanonical as error:
        raise BadEdit([("", str(error))]) from error
    if found := _misfits(review, cleaned):
        raise BadEdit(found)
    return review.with_arguments(cleaned)


def misfits(review: Review) -> list[tuple[str, str]]:
    """Where what is put to people does not fit what it is for, as it stands there."""
    return _misfits(review, review.arguments) if "tool" not in review.content or _installed(review) else []


def _installed(review: Review) -> bool:
    return review.content["tool"].partition("@")[0] in tools.TOOLS


def _misfits(review: Review, arguments: dict[str, Any]) -> list[tuple[str, str]]:
    """Where arguments do not fit what they are for: a tool's schema, that of the step's output, or a server's form."""
    if (asked := pauses.asked_in(review.content, review.step_run)) is not None:
        return pauses.problems(asked, arguments)
    if "tool" in review.content:
        return tools.get(review.content["tool"].partition("@")[0]).problems(arguments)
    schema = review.step_run.step.spec.get("output")
    return problems(schema, arguments) if schema else []
