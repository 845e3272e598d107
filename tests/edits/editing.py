"""What somebody may change between an approval and the act: each edit once, at its moment."""

from collections.abc import Callable
from typing import Any

from audit import proposals
from orchestration.models import Connection, RuleSet, StepRun, Tool
from orchestration.policies import activating, drafts
from orchestration.tools.mcp.declaring import fingerprint
from reviews import decisions
from reviews.models import Review
from tests.cast import Cast
from tests.edits.shops import Shop, declaration
from tests.outgoing.watching import Listener

type Edit = Callable[["Edited"], None]


class Edited:
    """One run between its approval and its act, and what an edit needs to know of it."""

    def __init__(self, cast: Cast, shop: Shop, review: Review, other: Review, elsewhere: Listener) -> None:
        self.cast, self.shop, self.review, self.other, self.elsewhere = cast, shop, review, other, elsewhere

    def tool(self, **changes: Any) -> None:
        """Change its tool."""
        Tool.objects.filter(pk=self.shop.tool).update(**changes)
        self.shop.note()

    def connection(self, **changes: Any) -> None:
        """Change its connection."""
        Connection.objects.filter(pk=self.shop.connection).update(**changes)
        self.shop.note()

    def step_run(self, **changes: Any) -> None:
        """Tamper with its row."""
        StepRun.objects.filter(pk=self.review.step_run_id).update(**changes)

    def answer(self) -> dict[str, Any]:
        """The answer that its row holds."""
        return dict(StepRun.objects.get(pk=self.review.step_run_id).answer or {})


def declared_anew(one: Edited) -> None:
    """Its server says another path, and somebody has signed it."""
    said = declaration(path="/refunds/{id}")
    one.tool(declaration=said, fingerprint=fingerprint(said), version=one.shop.row.version + 1)


def declared_quietly(one: Edited) -> None:
    """The declaration alone is another."""
    one.tool(declaration=declaration(method="PUT"))


def versioned(one: Edited) -> None:
    """Its version goes up."""
    one.tool(version=one.shop.row.version + 1)


def made_harmless(one: Edited) -> None:
    """It is said to read only."""
    one.tool(effect="read", leaves_house=False)


def made_unsafe(one: Edited) -> None:
    """It is said that it may not be repeated."""
    one.tool(repeatability="unsafe")


def switched_off(one: Edited) -> None:
    """The tool is off."""
    one.tool(status="off")


def kept_from_all(one: Edited) -> None:
    """Nobody may use it any more."""
    one.tool(for_all=False)


def led_elsewhere(one: Edited) -> None:
    """The connection leads to another server."""
    one.connection(address=f"http://127.0.0.1:{one.elsewhere.port}")


def named_otherwise(one: Edited) -> None:
    """The connection says another name."""
    one.connection(headers=[{"name": "X-Who", "value": "somebody else"}])


def narrowed(one: Edited) -> None:
    """The connection allows other methods."""
    one.connection(methods=["GET"])


def closed(one: Edited) -> None:
    """Nothing may be sent over it."""
    one.connection(status="off")


def answered_otherwise(one: Edited) -> None:
    """Somebody writes other arguments into the stored answer."""
    answer = one.answer()
    if "content" in answer:
        answer["content"]["arguments"]["note"] = "thief"
        one.step_run(answer=answer)


def answered_for_another(one: Edited) -> None:
    """Somebody copies the answer of another run."""
    other = StepRun.objects.get(pk=one.other.step_run_id).answer
    if other is not None:
        one.step_run(answer=other)


def shown_otherwise(one: Edited) -> None:
    """Somebody writes another question."""
    question = dict(StepRun.objects.get(pk=one.review.step_run_id).question or {})
    question["act"] = {**question["act"], "arguments": {"id": "7", "note": "thief"}}
    one.step_run(question={**question, "of": "0" * 64})


def read_otherwise(one: Edited) -> None:
    """What it is worked out from becomes something else: the draft, or what the agent asked for."""
    held = StepRun.objects.get(pk=one.review.step_run_id)
    if held.given is not None:
        one.step_run(given={**held.given, "arguments": {"id": "7", "note": "thief"}})
    else:
        StepRun.objects.filter(run=held.run_id, step__key="draft").update(output={"word": "thief"})


def refused_instead(one: Edited) -> None:
    """Whoever approved takes it back, and refuses."""
    decisions.undo(one.review.pk, by=one.cast.rita)
    review = Review.objects.get(pk=one.review.pk)
    shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
    decisions.decide(review.pk, by=one.cast.rita, verdict="rejected", reason="No.", **shown)


def taken_back(one: Edited) -> None:
    """Whoever approved takes it back."""
    decisions.undo(one.review.pk, by=one.cast.rita)


def rule(slug: str, effect: str, group: str = "") -> dict[str, Any]:
    """A rule that stops calls in a workflow, or has somebody of a group look first."""
    said: dict[str, Any] = {
        "key": f"{effect}-{group or 'nobody'}-{slug}",
        "title": slug,
        "effect": effect,
        "scope": {"workflow": slug},
    }
    said |= {"points": ["tool"], "enabled": True, "match": {"outside": True}}
    return {**said, **({"then": {"group": group}} if group else {})}


def ruled(cast: Cast, second: Any, made: list[dict[str, Any]]) -> RuleSet:
    """Put these rules in force, and no others."""
    draft = drafts.start(by=cast.adam)
    RuleSet.objects.filter(pk=draft.pk).update(rules=made, checks=[], edited_by=cast.adam)
    draft.refresh_from_db()
    proposal = activating.propose(shown_hash=draft.content_hash, why="An edit.", by=cast.adam)
    proposals.countersign(proposal.pk, by=second, shown_hash=proposal.content_hash)
    return RuleSet.objects.get(pk=draft.pk)


EDITS: dict[str, Edit] = {
    one.__name__: one
    for one in (
        declared_anew, declared_quietly, versioned, made_harmless, made_unsafe, switched_off, kept_from_all,
        led_elsewhere, named_otherwise, narrowed, closed, answered_otherwise, answered_for_another, shown_otherwise,
        read_otherwise, refused_instead, taken_back,
    )
}  # fmt: skip
