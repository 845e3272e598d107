"""The form of a review while somebody fills it in: kept as it was typed, with rows added and taken out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from audit.clock_time import HandrailNow
from orchestration.uploads import takes_files
from orchestration.ways import FORM
from reviews import decisions
from reviews.asking import answering, reading
from reviews.asking.reading import NotAsked, Typed
from reviews.desk import refused, submissions
from reviews.desk.item_page import Words
from reviews.models import Draft
from reviews.views import page
from reviews.views.page import SeeOther


@require_POST
@takes_files
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed, and show the form as it then is. Nothing is decided."""
    review, user = get_object_or_404(page.seen(request), pk=pk), page.reader(request)
    fields = answering.section_of(review).get(FORM, [])
    try:
        typed = _changed(request, reading.typed(request.POST, request.FILES, fields, user))
    except NotAsked as error:
        return render(request, "400.html", {"told": str(error)}, status=400)
    words = Words(reason=submissions.reason(request.POST)[: submissions.LONGEST_REASON], form=typed)
    try:
        decisions.check_may_decide(review, user)
        if not review.is_open:
            raise decisions.AlreadyDecided(review)
    except refused.REFUSALS as error:
        return page.show(request, review, words, status=refused.explain(error, words, review, user, None))
    values = {"form": typed, "reason": words.reason, "updated_at": HandrailNow()}
    Draft.objects.update_or_create(review=review, user=user, defaults=values)
    return SeeOther(f"{page.address(request, pk)}#answers")


def _changed(request: HttpRequest, typed: Typed) -> Typed:
    """What was typed, with a row more or less where a button of a table was pressed."""
    if (table := request.POST.get("add", "")) and reading.NAMED.match(table):
        return reading.with_row(typed, table)
    table, _, row = request.POST.get("remove", "").partition(".")
    if reading.NAMED.match(table) and row.isascii() and row.isdecimal() and len(row) < 5:
        return reading.without_row(typed, table, int(row))
    return typed
