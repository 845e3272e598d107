"""The page behind a link in a message, made for a phone. Opening it changes nothing; two touches decide.

The first touch chooses and is a GET, the second one confirms: a POST with the version and the hash of what was shown,
in the session of the person that the link was made for.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit.access import in_person
from audit.models import User
from reviews.asking import answering
from reviews.desk import refused, submissions
from reviews.desk.item_page import Item, Words
from reviews.desk.submissions import NotUnderstood
from reviews.notices import links
from reviews.notices.links import Opened
from reviews.states import Verdict
from reviews.views import page
from reviews.views.blind import blinded
from reviews.views.page import SeeOther

GONE, CONFLICT = 410, 409
STILL_SHOWN = {"", "used", "over"}  # what somebody may look at, who may see it anyway


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """What it is, with its answers; after the first touch, the question whether that is meant."""
    user, opened = _opened(request, token)
    return _shown(request, user, opened, token)


@never_cache
@require_POST
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """Decide exactly what was shown."""
    user, opened = _opened(request, token)
    if opened.ended:
        return _shown(request, user, opened, token, status=GONE if opened.ended == "expired" else CONFLICT)
    review = get_object_or_404(page.seen(request), pk=opened.link.review_id)
    if (first := page.hides(request, review)) is not None:
        return blinded(request, first)
    try:
        sent = submissions.read(request.POST, request.FILES, review, user)
    except NotUnderstood as error:
        return render(request, "400.html", {"told": str(error)}, status=400)
    try:
        submissions.answer(sent, review, by=user)
        submissions.decide(sent, review, by=user)
    except refused.REFUSALS as error:
        words = Words(reason=sent.reason)
        status = refused.explain(error, words, review, user, sent.shown)
        return _shown(request, user, opened, token, words, status=status, chosen=sent.verdict)
    links.use_up(opened.link)
    return SeeOther(reverse("link", args=[token]))


def _opened(request: HttpRequest, token: str) -> tuple[User, Opened]:
    """Who is there, and what the link opens for them; for anybody else there is no such link."""
    user = in_person(request)
    opened = links.open_for(user, token) if len(token) == links.LENGTH else None
    if opened is None:
        raise Http404
    return user, opened


def _shown(
    request: HttpRequest,
    user: User,
    opened: Opened,
    token: str,
    words: Words | None = None,
    *,
    status: int = 200,
    chosen: str = "",
) -> HttpResponse:
    if opened.ended not in STILL_SHOWN:
        told = _("This link has come to its end. What it led to stands in your inbox, if it still waits for you.")
        context: dict[str, Any] = {"told": told}
        return render(request, "reviews/link_ended.html", context, status=GONE)
    review = get_object_or_404(page.seen(request), pk=opened.link.review_id)
    if (first := page.hides(request, review)) is not None:
        return blinded(request, first)
    item = Item(review, user, words or Words(), {})
    wanted = chosen or request.GET.get("choose", "")
    more = item.may_decide and bool(review.signs or answering.section_of(review))
    context = {
        "item": item,
        "review": review,
        "token": token,
        "here": reverse("review", args=[review.pk]),
        "chosen": wanted if wanted in Verdict.values and item.may_decide and not opened.ended and not more else "",
        "ended": opened.ended,
        "asks_more": more,
    }
    response = render(request, "reviews/link.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
