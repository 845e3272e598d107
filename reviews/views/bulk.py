"""Several decisions at once: a page that shows what each item will do, and the same page with what became of each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from reviews.desk import bulk, submissions, tabs
from reviews.desk.bulk import Bulk, Shown
from reviews.desk.submissions import LONGEST_NUMBER, LONGEST_REASON
from reviews.states import Verdict
from reviews.views import page

NOT_FIT = 422


@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HttpRequest) -> HttpResponse:
    """What was chosen (GET), or the decisions on it (POST)."""
    if request.method != "POST":
        return _shown(request, _look(request, bulk.numbers(request.GET.getlist("item"))))
    ids = bulk.numbers(request.POST.getlist("item"))
    chosen = _look(request, ids)
    verdict, reason = request.POST.get("verdict", ""), submissions.reason(request.POST)
    if problem := _problem(verdict, reason, ids):
        return _shown(request, chosen, reason=reason, problem=problem, status=NOT_FIT)
    shown = {pk: one for pk in ids[: bulk.MOST] if (one := _shown_of(request, pk)) is not None}
    bulk.decide(chosen, shown, by=page.reader(request), verdict=Verdict(verdict), reason=reason)
    after = bulk.again(chosen, _look(request, ids))
    return _shown(request, after, reason=reason if after.together else "", told=True)


def _look(request: HttpRequest, ids: list[int]) -> Bulk:
    user = page.reader(request)
    return bulk.look(tabs.shown_to(user), user, ids)


def _problem(verdict: str, reason: str, ids: list[int]) -> str:
    if not ids:
        return _("Choose at least one item.")
    if verdict not in (Verdict.APPROVED, Verdict.REJECTED):
        return _("The form does not say whether to approve or to reject. Nothing was changed.")
    if verdict == Verdict.REJECTED and not reason.strip():
        return _("Say why you reject them. The reason goes into the record of each.")
    if len(reason) > LONGEST_REASON:
        return _("A reason may have %(most)d characters.") % {"most": LONGEST_REASON}
    return ""


def _shown_of(request: HttpRequest, pk: int) -> Shown | None:
    """What the page showed of one item, if the form says it."""
    version, shown_hash = request.POST.get(f"version-{pk}", ""), request.POST.get(f"hash-{pk}", "")
    if not (version.isascii() and version.isdecimal() and len(version) <= LONGEST_NUMBER and shown_hash):
        return None
    return Shown(pk, int(version), shown_hash)


def _shown(
    request: HttpRequest, chosen: Bulk, *, reason: str = "", problem: str = "", told: bool = False, status: int = 200
) -> HttpResponse:
    context = {"bulk": chosen, "reason": reason, "problem": problem, "told": told, "most": bulk.MOST}
    return render(request, "reviews/bulk.html", context, status=status)
