"""A signature: that somebody showed again who they are, bound to one decision on one content."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.models import User
from reviews.models import Review
from reviews.refusals import SignatureNeeded, Stale


@dataclass(frozen=True, slots=True)
class Signature:
    """Who showed it, how and when, and for which decision alone."""

    by: int
    review: int
    version: int
    verdict: str
    content_hash: str
    meaning: str
    method: str
    at: datetime

    @property
    def kept(self) -> dict[str, Any]:
        """As it stands with the decision and in the ledger."""
        return {
            "method": self.method,
            "meaning": self.meaning,
            "verdict": self.verdict,
            "hash": self.content_hash,
            "at": self.at.isoformat(),
        }


def about(review: Review, verdict: str, content_hash: str) -> dict[str, Any]:
    """What is signed, as a passkey's challenge is made of it."""
    told = {"review": review.pk, "version": review.version, "verdict": verdict}
    return {**told, "hash": content_hash, "meaning": review.signs}


def bound(
    review: Review, signature: Signature | None, *, by: User, verdict: str, content_hash: str
) -> dict[str, Any] | None:
    """The signature as it is kept; raise where it is lacking, or was given for anything else than this decision."""
    if not review.signs:
        return None
    if signature is None:
        raise SignatureNeeded(_("This decision is signed: open it by itself and sign it there. Nothing was decided."))
    wanted = (by.pk, review.pk, review.version, verdict, content_hash, review.signs)
    given = (signature.by, signature.review, signature.version, signature.verdict)
    if (*given, signature.content_hash, signature.meaning) != wanted:
        raise Stale
    return signature.kept
