"""Asking for a signature: a page between the button and the decision. It shows what is signed, and keeps every word."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from audit.accounts import passkeys, proving
from audit.accounts.proving import Given, NotProven
from audit.canonical import digest
from audit.models import User
from reviews import decisions
from reviews.desk import submissions
from reviews.desk.item_page import Item, Words
from reviews.desk.submissions import Submission
from reviews.models import Review
from reviews.signing.signature import Signature, about
from reviews.states import Verdict

OWN = {"password", "code", "credential", "signer", "signed", "signed_hash", "back", "csrfmiddlewaretoken"}
LONGEST = 64
SIGNED = "signed"  # in the form: that it came from the page that asks


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be signed, as the page shows it."""

    review: Review
    verdict: str
    content_hash: str


class Unsigned(Exception):
    """It is not signed yet: what is to be signed, and what was wrong with what came in, if anything came."""

    def __init__(self, asked: Asked, told: str = "") -> None:
        super().__init__(told)
        self.asked, self.told = asked, told


def sign(request: HttpRequest, review: Review, sent: Submission, *, by: User) -> Signature:
    """The signature that came with this very form, or `Unsigned`. What cannot be decided anyway is refused before."""
    content = submissions.decided_on(sent, review, by=by)
    decisions.check_can_be(review, by, sent.verdict, sent.version, sent.shown_hash, sent.reason)
    asked = Asked(review, sent.verdict, digest(content))
    if request.POST.get(SIGNED) != "1" or request.POST.get("signed_hash", "")[:LONGEST] != asked.content_hash:
        raise Unsigned(asked)
    try:
        proof = proving.prove(request, by, Given.of(request.POST), _about(asked))
    except NotProven as error:
        raise Unsigned(asked, str(error)) from None
    return Signature(
        by=by.pk,
        review=review.pk,
        version=review.version,
        verdict=asked.verdict,
        content_hash=asked.content_hash,
        meaning=review.signs,
        method=proof.method,
        at=proof.at,
    )


@sensitive_post_parameters("password", "code", "credential")
def show(request: HttpRequest, unsigned: Unsigned, *, reader: User) -> HttpResponse:
    """The page that asks. Nothing is decided; all that the form held goes on to the next one."""
    asked, ways = unsigned.asked, proving.ways(reader)
    usable = ways._replace(passkey=ways.passkey and passkeys.work(request))
    item = Item(asked.review, reader, Words(), {})
    context = {
        "review": asked.review,
        "item": item,
        "asked": asked,
        "approves": asked.verdict == Verdict.APPROVED,
        "reason": request.POST.get("reason", ""),
        "ways": usable,
        "told": unsigned.told,
        "kept": [(name, value) for name, values in request.POST.lists() if name not in OWN for value in values],
        "signing": {"request_options": proving.challenge(request, reader, _about(asked))} if usable.passkey else None,
    }
    status = 403 if unsigned.told else 200
    return render(request, "reviews/sign.html", context, status=status)


def _about(asked: Asked) -> dict[str, Any]:
    return about(asked.review, asked.verdict, asked.content_hash)
