"""The inbox as a page: the list, the item beside it, and the two regions that keep themselves up to date."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from audit.clock_time import now
from audit.models import User
from reviews.desk import filters, queue_page, said, saved, seats, tabs, undoable
from reviews.desk.item_page import Item, Words
from reviews.desk.queue_page import Queue
from reviews.models import Review, ReviewQuerySet
from reviews.views.blind import blinded, why_not
from reviews.when import veil

OPEN_NEXT, KEPT = "open_next", "kept"  # in the session
# What every item shows. Who decided, was named or holds it is asked for where somebody did: a statement of a dozen
# tables takes the database far longer to plan than to answer.
JOINED = ("workflow", "run__version", "step_run__step")


class SeeOther(HttpResponseRedirect):
    """What follows from a POST stands at another address, to be read with GET."""

    status_code = 303


def reader(request: HttpRequest) -> User:
    """Who looks."""
    assert isinstance(request.user, User)
    return request.user


def seen(request: HttpRequest) -> ReviewQuerySet:
    """What the reader may look at, with what an item shows of it."""
    return Review.objects.seen_by(reader(request)).select_related(*JOINED)


def looked_at(request: HttpRequest, pk: int) -> Review:
    """An item that the reader may look at, and not only once they have answered blindly; else there is none."""
    return get_object_or_404(tabs.shown_to(reader(request)).select_related(*JOINED), pk=pk)


def address(request: HttpRequest, pk: int | None, **more: str) -> str:
    """An item, or the list, at the page of the list that the reader came from."""
    place = {**{name: request.GET[name] for name in queue_page.LISTED if name in request.GET}, **more}
    return reverse("review", args=[pk], query=place) if pk else reverse("inbox", query=place)


def show(request: HttpRequest, review: Review | None, words: Words | None = None, *, status: int = 200) -> HttpResponse:
    """The whole page; or one of its two sides alone, where that side asks for itself.

    On the list's own address the item beside it comes by a request of its own, and only where there is room for it:
    a phone shows the list alone.
    """
    if review is not None and (first := hides(request, review)) is not None:
        return blinded(request, first)
    moment, side = now(), request.headers.get("HX-Target")
    alone = side == "item" and (review is not None or _named(request) is not None)
    queue = (queue_page.beside if alone else queue_page.read)(reader(request), request.GET, moment)
    pk = review.pk if review else _opened(request, queue)
    context: dict[str, Any] = {"queue": queue, "now": moment, "is_item": review is not None, "current": pk}
    context["live"] = _live(review, pk, queue)
    if side not in ("queue", "item"):
        context |= _around(request, queue)
    if side == "queue":
        response = render(request, "reviews/_inbox_queue.html", context)
    else:
        later = pk if review is None and side != "item" and "open" not in request.GET else 0
        opened = review or (seen(request).filter(pk=pk).first() if pk and not later else None)
        if review is None and opened is not None and hides(request, opened) is not None:
            opened = None
        context |= {"later": later, **_beside(request, queue, opened, words or Words(), moment)}
        template = "reviews/_inbox_beside.html" if side == "item" else "reviews/inbox.html"
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _around(request: HttpRequest, queue: Queue) -> dict[str, Any]:
    """What stands around the list: the lists that are kept, and what it is narrowed by."""
    if not queue.filters.place:
        request.inbox_count = queue.waiting  # type: ignore[attr-defined]  # the badge shows the same count
    here = urlencode(queue.listed)
    context: dict[str, Any] = {"views": saved.of(queue.user, here), "here_query": here}
    if not queue.filters.place and "filter" not in request.GET:
        return context
    choices = filters.choices(queue.user)
    every = urlencode({"list": tabs.EVERY, **queue.filters.place})
    chips = queue.filters.chips(queue.tab, choices.workflows)
    return {**context, "choices": choices, "filter_chips": chips, "every_query": f"?{every}"}


def standing(request: HttpRequest, review: Review) -> HttpResponse:
    """The region that says whether an item still waits: 204 while the page is right about it."""
    if hides(request, review) is not None:
        return HttpResponse(status=204)
    if request.GET.get("was") in (review.status, f"{review.status}.{review.version}"):
        return HttpResponse(status=204)
    told = "" if review.is_open else said.who_decided(review, reader(request))
    filled = seats.said(review) if review.filled and review.is_open else ""
    context = {"review": review, "told": told, "changed": True, "filled": filled}
    return render(request, "reviews/_inbox_state.html", context)


def attending(request: HttpRequest, review: Review) -> HttpResponse:
    """The region that says who looks at an item: who holds it, to whom it is assigned, who was asked."""
    if hides(request, review) is not None:
        return HttpResponse(status=204)
    item = Item(review, reader(request), Words(), request.GET)
    queue = queue_page.begun(reader(request), request.GET, now())
    here = reverse("review", args=[review.pk], query=queue.place)
    context = {"review": review, "item": item, "queue": queue, "here": here}
    return render(request, "reviews/_inbox_who.html", context)


def hides(request: HttpRequest, review: Review) -> int | None:
    """The blind second answer that the reader is asked for first, where an item would tell what the first one was."""
    first = veil.hides(reader(request), review.run_id)
    return None if first == review.pk else first


def opens_next(request: HttpRequest) -> bool:
    """Whether the reader goes on to the next item once one is decided, as they chose last."""
    return bool(request.session.get(OPEN_NEXT, True))


def is_ahead(request: HttpRequest) -> bool:
    """Whether the page shows the next item already, and wants to hear alone what became of a decision."""
    return request.headers.get("HX-Target") == "decided"


def told(
    request: HttpRequest, review: Review, *, kept: Sequence[str] = (), words: Words | None = None, status: int = 200
) -> HttpResponse:
    """What became of a decision: the undo that it has, or why it was not taken, with a way back to the item."""
    refusal = ""
    if words is not None and (first := hides(request, review)) is not None:
        refusal = why_not(first)
    elif words is not None:
        given = words.refusal or words.reason_problem or said.why_not(review, reader(request))
        refusal = given or _("It cannot be carried out as it stands. Your words are kept:")
    found = undoable.latest(reader(request), now())
    context = {"review": review, "kept": kept, "refusal": refusal, "undoable": found}
    return render(request, "reviews/_inbox_told.html", context, status=status)


def _opened(request: HttpRequest, queue: Queue) -> int:
    """What stands beside the list on the list's own address: the item named by `open`, or the first; 0 for none."""
    if (named := _named(request)) is not None:
        return named
    return queue.rows[0].review.pk if queue.rows else 0


def _named(request: HttpRequest) -> int | None:
    return queue_page.number(request.GET.get("open", ""))


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
        "kept": [] if request.headers.get("HX-Target") else request.session.pop(KEPT, []),
        "open_next": opens_next(request),
    }
    if review is None:
        return context
    before, behind = queue_page.neighbours(queue, review)
    item = Item(review, user, words, request.GET)
    here = reverse("review", args=[review.pk])
    return {**context, "item": item, "review": review, "before": before, "behind": behind, "here": here}
