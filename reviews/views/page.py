"""The inbox as a page: the list, the item beside it, and the two regions that keep themselves up to date."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from audit.clock_time import now
from audit.models import User
from reviews.desk import queue_page, said, seats, undoable
from reviews.desk.item_page import Item, Words
from reviews.desk.queue_page import Queue
from reviews.models import Review, ReviewQuerySet

OPEN_NEXT, KEPT = "open_next", "kept"  # in the session
PLACE = ("list", "after", "before")
JOINED = ("group", "workflow", "run__version", "started_by", "decided_by", "step_run__step")


def reader(request: HttpRequest) -> User:
    """Who looks."""
    assert isinstance(request.user, User)
    return request.user


def seen(request: HttpRequest) -> ReviewQuerySet:
    """What the reader may look at, with what an item shows of it."""
    return Review.objects.seen_by(reader(request)).select_related(*JOINED)


def address(request: HttpRequest, pk: int | None) -> str:
    """An item, or the list, at the page of the list that the reader came from."""
    place = {name: request.GET[name] for name in PLACE if name in request.GET}
    return reverse("review", args=[pk], query=place) if pk else reverse("inbox", query=place)


def show(request: HttpRequest, review: Review | None, words: Words | None = None, *, status: int = 200) -> HttpResponse:
    """The whole page; or one of its two sides alone, where that side asks for itself.

    On the list's own address the item beside it comes by a request of its own, and only where there is room for it:
    a phone shows the list alone.
    """
    moment = now()
    queue = queue_page.read(reader(request), request.GET, moment)
    request.inbox_count = queue.waiting  # type: ignore[attr-defined]  # the badge shows the same count
    pk = review.pk if review else _opened(request, queue)
    context: dict[str, Any] = {"queue": queue, "now": moment, "is_item": review is not None, "current": pk}
    context["live"] = _live(review, pk, queue)
    side = request.headers.get("HX-Target")
    if side == "queue":
        response = render(request, "reviews/_inbox_queue.html", context)
    else:
        later = pk if review is None and side != "item" and "open" not in request.GET else 0
        opened = review or (seen(request).filter(pk=pk).first() if pk and not later else None)
        context |= {"later": later, **_beside(request, queue, opened, words or Words(), moment)}
        template = "reviews/_inbox_beside.html" if side == "item" else "reviews/inbox.html"
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Target"])
    return response


def standing(request: HttpRequest, review: Review) -> HttpResponse:
    """The region that says whether an item still waits: 204 while the page is right about it."""
    if request.GET.get("was") in (review.status, f"{review.status}.{review.version}"):
        return HttpResponse(status=204)
    told = "" if review.is_open else said.who_decided(review, reader(request))
    filled = seats.said(review) if review.filled and review.is_open else ""
    context = {"review": review, "told": told, "changed": True, "filled": filled}
    return render(request, "reviews/_inbox_state.html", context)


def _opened(request: HttpRequest, queue: Queue) -> int:
    """What stands beside the list on the list's own address: the item named by `open`, or the first; 0 for none."""
    named = request.GET.get("open", "")
    if named.isascii() and named.isdecimal() and len(named) <= queue_page.LONGEST_ID:
        return int(named)
    return queue.rows[0].review.pk if queue.rows else 0


def _live(review: Review | None, pk: int, queue: Queue) -> str:
    """Where the list asks for itself again, with the item that is open marked."""
    if review is not None:
        return reverse("review", args=[pk], query=queue.place)
    return reverse("inbox", query={**queue.place, "open": str(pk)} if pk else queue.place)


def _beside(
    request: HttpRequest, queue: Queue, review: Review | None, words: Words, moment: datetime
) -> dict[str, Any]:
    user = reader(request)
    context: dict[str, Any] = {
        "undoable": undoable.latest(user, moment),
        "kept": request.session.pop(KEPT, []),
        "open_next": request.session.get(OPEN_NEXT, True),
    }
    if review is None:
        return context
    before, behind = queue_page.neighbours(user, queue, review)
    item = Item(review, user, words, request.GET)
    here = reverse("review", args=[review.pk])
    return {**context, "item": item, "review": review, "before": before, "behind": behind, "here": here}
