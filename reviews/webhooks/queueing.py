"""What hooks are told is written down, once for each hook and thing: the very bytes that are signed and sent."""

from typing import Any

from audit.canonical import canonical_text
from orchestration.states import ConnectionStatus
from reviews.models import Decision, Review
from reviews.notices import content
from reviews.notices.composing import address
from reviews.reaching import Hook, HookDelivery, Kind

MOST = 100  # hooks


def queue(review: Review, kind: str, about: str) -> int:
    """Write down a delivery for each hook that wants to hear of that kind. Returns how many."""
    hooks = list(Hook.objects.filter(status=ConnectionStatus.APPROVED, kinds__contains=[kind]).order_by("pk")[:MOST])
    if not hooks:
        return 0
    plain = payload(review, kind)
    whole = plain
    if any(hook.titles for hook in hooks) and content.may_hold_content(review):
        whole = {**plain, "review": {**plain["review"], "title": review.title, "summary": review.summary}}
    made = [
        HookDelivery(hook=hook, review=review, kind=kind, about=about, body=_text(whole if hook.titles else plain))
        for hook in hooks
    ]
    HookDelivery.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def payload(review: Review, kind: str) -> dict[str, Any]:
    """Ids, kinds and links: nothing of what the review holds."""
    told: dict[str, Any] = {
        "kind": f"review.{kind}",
        "review": {
            "id": review.pk,
            "status": review.status,
            "version": review.version,
            "asked_at": review.asked_at.isoformat(),
            "due_at": review.due_at.isoformat(),
            "priority": review.priority,
            "url": address("review", review.pk),
        },
        "run": {"id": review.run_id, "url": address("run", review.run_id)},
        "workflow": review.workflow.slug,
        "step": review.step_run.step.key,
    }
    if kind == Kind.DECIDED:
        found = Decision.objects.standing().filter(review=review).order_by("-pk").first()
        told["review"]["decided_at"] = review.decided_at.isoformat() if review.decided_at else None
        told["review"]["receipt"] = str(found.receipt) if found else None
    return told


def _text(told: dict[str, Any]) -> str:
    return canonical_text(told)[0].decode()
