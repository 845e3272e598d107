"""Keys that are kept here, by name: given, given anew, forgotten. None is ever shown."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orchestration.catalog import CannotChange, keeping
from orchestration.models import KeptKey, Model
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther
from orchestration.views.entering import changing

HIDDEN = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}


class KeyForm(forms.Form):
    """A key under a new name. The key is never put back into the page."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Models name it as kept:name. Small letters, digits and hyphens."),
        max_length=60,
        widget=forms.TextInput(attrs=HIDDEN),
    )
    key = forms.CharField(
        label=pgettext_lazy("secret", "Key"),
        help_text=gettext_lazy("It is kept encrypted, and never shown again."),
        max_length=keeping.LONGEST,
        widget=forms.PasswordInput(attrs=HIDDEN),
    )


@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """The names of the keys, and the form that keeps one."""
    user = changing(request)
    if request.method != "POST":
        return _shown(request, KeyForm())
    sent = KeyForm(request.POST)
    if not sent.is_valid():
        return _shown(request, sent, UNPROCESSABLE)
    try:
        kept = keeping.keep(sent.cleaned_data["name"], sent.cleaned_data["key"], by=user)
    except CannotChange as error:
        for name, told in error.problems:
            sent.add_error(name or None, told)
        return _shown(request, sent, UNPROCESSABLE)
    messages.success(request, _("The key is kept. Models name it as %s.") % kept.reference)
    return SeeOther(reverse("model-keys"))


@never_cache
@sensitive_post_parameters("key")
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Put another key in the place of a kept one."""
    user = changing(request)
    row = get_object_or_404(KeptKey, pk=pk)
    try:
        keeping.renew(pk, request.POST.get("key", "")[: keeping.LONGEST + 1], by=user)
    except CannotChange as error:
        return _shown(request, KeyForm(), UNPROCESSABLE, wrong={"pk": pk, "told": str(error)})
    messages.success(request, _("%s is another key now. Calls that begin from now on use it.") % row.name)
    return SeeOther(reverse("model-keys"))


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a key that no model names."""
    user = changing(request)
    get_object_or_404(KeptKey, pk=pk)
    try:
        name = keeping.drop(pk, by=user)
    except CannotChange as error:
        return _shown(request, KeyForm(), CONFLICT, wrong={"pk": pk, "told": str(error)})
    messages.success(request, _("The key %s is forgotten.") % name)
    return SeeOther(reverse("model-keys"))


def _shown(request: HttpRequest, form: KeyForm, status: int = 200, **more: Any) -> HttpResponse:
    rows = list(KeptKey.objects.select_related("made_by")[: keeping.MOST])
    using: dict[str, list[str]] = {}
    references = [row.reference for row in rows]
    named = Model.objects.filter(secret__in=references).values_list("secret", "name").order_by("name")
    for reference, name in named[: keeping.MOST]:
        using.setdefault(reference, []).append(name)
    keys = [{"row": row, "models": using.get(row.reference, [])} for row in rows]
    return render(request, "orchestration/model_keys.html", {"form": form, "keys": keys, **more}, status=status)
