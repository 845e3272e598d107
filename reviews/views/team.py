"""A lead's page: who has how much, what is late, and who gets it now."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.access import in_person
from audit.clock_time import now
from audit.models import User
from reviews.desk.tabs import start_of_day
from reviews.who import passing, team
from reviews.who.passing import Passed

LONGEST_ID = 18  # digits
UNPROCESSABLE, CONFLICT = 422, 409


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The load of each person, and what is late or soon will be."""
    return _page(request, _lead(request))


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Assign what was chosen, each for itself; what failed says why and is still chosen."""
    lead = _lead(request)
    chosen = [pair for text in request.POST.getlist("review") if (pair := _pair(text)) is not None]
    given = request.POST.get("to", "")
    to = User.objects.filter(pk=int(given), is_active=True).first() if _is_id(given) else None
    if not chosen:
        return _page(request, lead, _("Choose at least one line."), status=UNPROCESSABLE)
    if to is None and given != "nobody":
        return _page(request, lead, _("Choose to whom."), status=UNPROCESSABLE)
    came = passing.reassign_many(chosen, to, by=lead)
    return _page(request, lead, came=came, status=200 if all(one.done for one in came) else CONFLICT)


def _lead(request: HttpRequest) -> User:
    user = in_person(request)
    if not team.managed(user):
        raise Http404
    return user


def _page(
    request: HttpRequest, lead: User, problem: str = "", *, came: list[Passed] | None = None, status: int = 200
) -> HttpResponse:
    moment = now()
    places = {name: int(text) if _is_id(text := request.GET.get(name, "")) else 0 for name in ("people", "late")}
    failed = {one.pk for one in came or () if not one.done}
    chosen = {pair[0] for text in request.POST.getlist("review") if (pair := _pair(text))} if problem else failed
    context = {
        "team": team.look(lead, moment, start_of_day(moment), people_after=places["people"], late_after=places["late"]),
        "to": team.deciders(lead),
        "typed": request.POST,
        "chosen": chosen,
        "problem": problem,
        "came": came or [],
        "done": sum(one.done for one in came or ()),
        "now": moment,
        "places": places,
    }
    return render(request, "reviews/team.html", context, status=status)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


def _pair(text: str) -> tuple[int, int | None] | None:
    """A review, and to whom it was assigned as the page showed it."""
    pk, _colon, was = text.partition(":")
    return (int(pk), int(was) if _is_id(was) else None) if _is_id(pk) else None
