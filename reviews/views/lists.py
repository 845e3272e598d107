"""Lists of the inbox that people keep under a name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reviews.desk import saved
from reviews.desk.saved import CannotKeep
from reviews.models import View
from reviews.views import page
from reviews.views.page import SeeOther


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the list that is shown."""
    query = request.POST.get("query", "")
    try:
        view = saved.keep(page.reader(request), request.POST.get("name", ""), query, request.POST.get("group", ""))
    except CannotKeep as error:
        messages.error(request, str(error))
        return SeeOther(_inbox(saved.canonical(query)))
    messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
    return SeeOther(_inbox(view.query))


@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one's own list no longer. Its items stay where they are."""
    view = get_object_or_404(View, pk=pk, owner=page.reader(request))
    view.delete()
    messages.success(request, _("“%(name)s” is put away. Its items stay where they are.") % {"name": view.name})
    return SeeOther(reverse("inbox"))


def _inbox(query: str) -> str:
    return reverse("inbox") + (f"?{query}" if query else "")
