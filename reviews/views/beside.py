"""What is done beside an item without deciding it: watching, saying that one is there, keeping words, commenting."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import presence
from audit.models import User
from orchestration.uploads import Sent, Upload, takes_files
from orchestration.views.files import saved
from reviews import commenting, decisions, drafts
from reviews.desk import submissions, tabs
from reviews.desk.item_page import Words
from reviews.models import CommentFile, Watch
from reviews.views import page
from reviews.views.page import SeeOther

NOTHING, CONFLICT, TOO_LARGE, NOT_FIT = 204, 409, 413, 422


@require_POST
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """Look on at an item, or no longer."""
    review, user = page.looked_at(request, pk), page.reader(request)
    if request.POST.get("on") == "1":
        Watch.objects.get_or_create(review=review, user=user)
    else:
        Watch.objects.filter(review=review, user=user).delete()
    return SeeOther(page.address(request, pk))


@require_POST
def here(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has an item open, or has closed it; the answer names who else has."""
    user = page.reader(request)
    page.looked_at(request, pk)
    if "left" in request.POST:
        presence.leave(f"review-{pk}", user.pk)
        return HttpResponse(status=NOTHING)
    others = presence.stay(f"review-{pk}", user.pk)
    named = User.objects.filter(pk__in=others, is_active=True).order_by("first_name", "pk") if others else []
    return render(request, "reviews/_inbox_presence.html", {"others": named})


@require_POST
def words(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a reason that is being typed, so that it is there after a crash and on another machine."""
    review = page.looked_at(request, pk)
    reason = submissions.reason(request.POST)
    if len(reason) > submissions.LONGEST_REASON:
        return HttpResponse(status=NOT_FIT)
    try:
        drafts.keep_reason(review, reason, by=page.reader(request))
    except decisions.CannotDecide:
        return HttpResponse(status=CONFLICT)
    return HttpResponse(status=NOTHING)


@require_POST
@takes_files
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something about an item."""
    review = page.looked_at(request, pk)
    text = submissions.reason({"reason": request.POST.get("text", "")})
    chosen = cast("list[Sent]", request.FILES.getlist("file"))
    if any(getattr(one, "too_large", False) for one in chosen):
        told = _("A file is too large. A comment may bring files of 20 MB each and 60 MB together.")
        return page.show(request, review, Words(comment=text, comment_problem=told), status=TOO_LARGE)
    try:
        sent = [Upload.of(one) for one in chosen[: commenting.MOST_FILES + 1]]
        said = commenting.add(review, text, by=page.reader(request), sent=sent)
    except commenting.CannotComment as error:
        return page.show(request, review, Words(comment=text, comment_problem=str(error)), status=NOT_FIT)
    if said.unknown:
        named = ", ".join(f"@{name}" for name in said.unknown)
        messages.warning(
            request, _("Nobody was told by %(names)s: no such person may see this item.") % {"names": named}
        )
    request.session[page.KEPT] = [f"comment-{pk}"]
    return SeeOther(page.address(request, pk, tab="comments"))


@require_safe
def file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """A file of a comment, to be saved and never opened here."""
    seen = tabs.shown_to(page.reader(request))
    rows = CommentFile.objects.filter(pk=number, comment__review=pk, comment__review__in=seen)
    found = rows.values_list("content_id", "content__size", "name").first()
    if found is None:
        raise Http404
    return saved(*found)
