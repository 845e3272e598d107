"""What litellm's table knows: looking for a model by name, and proposing it with what is known."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orchestration.catalog import CannotChange, known
from orchestration.models import Model
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther
from orchestration.views.entering import changing


@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """The entries whose names fit; on POST one of them is proposed."""
    user = changing(request)
    if request.method != "POST":
        return _shown(request, request.GET.get("q", ""))
    name = request.POST.get("name", "")[:200]
    sought = request.POST.get("q", "")
    try:
        made = known.take_over(name, by=user)
    except known.NoSuchEntry:
        return _shown(request, sought, UNPROCESSABLE, _("The table has no such model. Nothing was proposed."))
    except CannotChange as error:
        return _shown(request, sought, CONFLICT, str(error))
    messages.success(request, _("The model is proposed. Say what the table does not know, then ask for a signature."))
    return SeeOther(reverse("model-edit", args=[made.pk]))


def _shown(request: HttpRequest, sought: str, status: int = 200, refused: str = "") -> HttpResponse:
    sought = sought.strip()[: known.LONGEST]
    found = known.search(sought)
    here = dict(Model.objects.filter(name__in=[one.name for one in found]).values_list("name", "pk"))
    context = {
        "q": sought,
        "found": [{"entry": one, "pk": here.get(one.name)} for one in found],
        "most": known.MOST_FOUND,
        "there": known.is_there(),
        "refused": refused,
    }
    return render(request, "orchestration/models_known.html", context, status=status)
