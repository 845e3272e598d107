"""The reviewer's inbox: the list with one item beside it, and the three acts on an item."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reviews import decisions, drafts
from reviews.desk import fields, queue_page, refused, submissions
from reviews.desk.item_page import Words
from reviews.desk.submissions import NotUnderstood
from reviews.models import Review
from reviews.views import page


class SeeOther(HttpResponseRedirect):
    """What follows from a POST stands at another address, to be read with GET."""

    status_code = 303


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The list; on a wide screen with its first item, or the one named by `open`, beside it."""
    return page.show(request, None)


@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item, with the list beside it on a wide screen."""
    review = get_object_or_404(page.seen(request), pk=pk)
    if request.headers.get("HX-Target") == "standing":
        return page.standing(request, review)
    return page.show(request, review)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject exactly what was shown."""
    review, user = get_object_or_404(page.seen(request), pk=pk), page.reader(request)
    try:
        sent = submissions.read(request.POST, review)
    except NotUnderstood as error:
        return _not_understood(request, error)
    request.session[page.OPEN_NEXT] = request.POST.get("next") == "on"
    try:
        submissions.answer(sent, review, by=user)
        submissions.decide(sent, review, by=user)
    except refused.REFUSALS as error:
        return _refuse(request, error, review, Words(reason=sent.reason), shown=sent.shown)
    request.session[page.KEPT] = [f"review-{pk}", f"draft-{pk}"]
    opened = queue_page.following(user, review) if request.session[page.OPEN_NEXT] else pk
    return SeeOther(page.address(request, opened))


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an edit, or throw it away. Nothing is decided."""
    review = get_object_or_404(page.seen(request), pk=pk)
    posted = fields.Posted(values=review.arguments) if "discard" in request.POST else None
    posted = posted or fields.read(request.POST, review)
    if posted is None:
        return _not_understood(request, NotUnderstood(_("The form lacks a field. Nothing was saved.")))
    words = Words(texts=posted.texts or None, problems=posted.problems, editing=True)
    try:
        kept = drafts.keep(review, posted, by=page.reader(request))
    except refused.REFUSALS as error:
        return _refuse(request, error, review, words, shown=posted.values)
    if not kept and posted.texts:
        messages.info(request, _("Nothing differs from what was written, so no draft is kept."))
    request.session[page.KEPT] = [f"draft-{pk}"]
    return SeeOther(page.address(request, pk))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own decision back while its window is open."""
    review = get_object_or_404(page.seen(request), pk=pk)
    try:
        decisions.undo(pk, by=page.reader(request))
    except decisions.AlreadyDecided:
        told = _("Too late to undo: the time was over, and what was decided is being carried out.")
        return page.show(request, review, Words(refusal=told), status=refused.CONFLICT)
    except decisions.NotAllowed:
        told = _("There is nothing of yours to undo here. Only the one who decided can take it back.")
        return page.show(request, review, Words(refusal=told), status=refused.FORBIDDEN)
    messages.success(request, _("Taken back. It waits for a decision again, and your words are kept."))
    return SeeOther(page.address(request, pk))


def _refuse(
    request: HttpRequest, error: Exception, review: Review, words: Words, *, shown: dict[str, Any] | None
) -> HttpResponse:
    """The page again: what was wrong, and everything that was typed."""
    status = refused.explain(error, words, review, page.reader(request), shown)
    return page.show(request, get_object_or_404(page.seen(request), pk=review.pk), words, status=status)


def _not_understood(request: HttpRequest, error: NotUnderstood) -> HttpResponse:
    return render(request, "400.html", {"told": str(error)}, status=400)
