"""Who decides one review: hold it, let it go, pass it on, ask a colleague. Nothing here decides."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.access import in_person
from audit.clock_time import now
from audit.models import User
from reviews import decisions
from reviews.desk import refused, said
from reviews.desk.item_page import Words
from reviews.models import Opinion, Review
from reviews.views import page
from reviews.views.page import SeeOther
from reviews.who import holding, opinions, passing, told

LONGEST_ID = 18  # digits
RENEWS = "X-Renews"  # of a page that holds an item and is still open


@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold it; a page that is open holds it for longer by asking again."""
    review = get_object_or_404(page.seen(request), pk=pk)
    renews = RENEWS in request.headers
    try:
        holding.claim(pk, by=in_person(request))
    except (decisions.CannotDecide, holding.CannotHold) as error:
        return HttpResponse(status=refused.CONFLICT) if renews else _refuse(request, review, error)
    if renews:
        return HttpResponse(status=204)
    messages.success(request, _("You hold this for five minutes, and longer while it is open. Others see that."))
    return SeeOther(page.address(request, pk))


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go."""
    return _do(request, pk, lambda by: holding.release(pk, by=by), _("Anybody who is asked can take it now."))


@require_safe
def passing_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The page on which one passes it to somebody, or asks a colleague."""
    review = get_object_or_404(page.seen(request), pk=pk)
    return _page(request, review)


@require_POST
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to a colleague who may decide it."""
    review, to = get_object_or_404(page.seen(request), pk=pk), _person(request, "to")
    if to is None:
        return _page(request, review, _("Choose to whom."), status=refused.NOT_FIT)
    done = _("Forwarded to %s.") % to
    return _do(request, pk, lambda by: passing.forward(pk, to, by=by, was=_was(request)), done, own_page=True)


@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Assign it to somebody, or to nobody, by who manages the workflow."""
    review, to = get_object_or_404(page.seen(request), pk=pk), _person(request, "to")
    if to is None and request.POST.get("to") != "nobody":
        return _page(request, review, _("Choose to whom."), status=refused.NOT_FIT)
    done = _("Assigned to %s.") % to if to else _("Assigned to nobody.")
    return _do(request, pk, lambda by: passing.reassign(pk, to, by=by, was=_was(request)), done, own_page=True)


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague what they think."""
    review, whom = get_object_or_404(page.seen(request), pk=pk), _person(request, "whom")
    if whom is None:
        return _page(request, review, _("Choose whom to ask."), status=refused.NOT_FIT)
    question, done = request.POST.get("question", ""), _("%s is asked. The answer appears here.") % whom
    return _do(request, pk, lambda by: opinions.ask(pk, whom, question, by=by), done, own_page=True)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what one thinks, where a colleague asks."""
    by = in_person(request)
    opinion = get_object_or_404(Opinion, pk=pk, asked=by, review__in=Review.objects.seen_by(by).unveiled(by))
    try:
        opinions.answer(pk, request.POST.get("answer", ""), by=by)
    except opinions.CannotAsk as error:
        review = get_object_or_404(page.seen(request), pk=opinion.review_id)
        return page.show(request, review, Words(refusal=str(error)), status=refused.NOT_FIT)
    messages.success(request, _("Your answer stands beside the item. The decision is not yours."))
    return SeeOther(page.address(request, opinion.review_id))


def _do(
    request: HttpRequest, pk: int, act: Callable[[User], Any], done: str, *, own_page: bool = False
) -> HttpResponse:
    review = get_object_or_404(page.seen(request), pk=pk)
    try:
        act(in_person(request))
    except (decisions.CannotDecide, holding.CannotHold, passing.CannotPass, opinions.CannotAsk) as error:
        return _refuse(request, review, error, own_page=own_page)
    messages.success(request, done)
    return SeeOther(page.address(request, pk))


def _refuse(request: HttpRequest, review: Review, error: Exception, *, own_page: bool = False) -> HttpResponse:
    """The page again, with why nothing was done and with what was typed."""
    match error:
        case decisions.AlreadyDecided():
            status, sentence = refused.CONFLICT, said.who_was_first(error.review, page.reader(request))
        case decisions.OwnWork():
            status, sentence = refused.FORBIDDEN, told.own_work(error.whys, error.whose)
        case decisions.NotAllowed():
            status, sentence = (
                refused.FORBIDDEN,
                said.why_not(review, page.reader(request)) or _("You may not do that."),
            )
        case _:
            status, sentence = refused.CONFLICT, str(error)
    if own_page:
        return _page(request, review, sentence, status=status)
    review = get_object_or_404(page.seen(request), pk=review.pk)
    return page.show(request, review, Words(refusal=sentence), status=status)


def _page(request: HttpRequest, review: Review, problem: str = "", *, status: int = 200) -> HttpResponse:
    user = page.reader(request)
    able = passing.colleagues(review)
    held = holding.held_by(review, now())
    context = {
        "review": review,
        "problem": problem,
        "typed": request.POST,
        "leads": passing.leads(user, review),
        "may_decide": review.is_open and not said.why_not(review, user),
        "able": [one for one in able if one.pk != user.pk],
        "everybody": able,
        "askable": opinions.may_be_asked(review, by=user),
        "held": held,
        "waits_for": told.waits_for(review),
        "was": _was(request) if problem else review.assigned_to_id,
    }
    return render(request, "reviews/pass_on.html", context, status=status)


def _person(request: HttpRequest, name: str) -> User | None:
    given = request.POST.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_ID):
        return None
    return User.objects.filter(pk=int(given), is_active=True).first()


def _was(request: HttpRequest) -> int | None:
    """To whom it was assigned as the page showed it."""
    given = request.POST.get("was", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= LONGEST_ID else None
