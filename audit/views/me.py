"""What each person sets for themselves: theme, language, time zone, keys."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import keys, preferring
from audit.models import User
from audit.views import theme

UNPROCESSABLE = 422


class SeeOther(HttpResponseRedirect):
    """What follows from a POST stands at another address."""

    status_code = 303


class Choices(forms.Form):
    """Theme, language and zone."""

    theme = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    language = forms.ChoiceField(required=False)
    zone = forms.CharField(required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        browser = _("As the browser says")
        theme_field = cast(forms.ChoiceField, self.fields["theme"])
        theme_field.choices = [("", _("As the system says")), ("light", _("Light")), ("dark", _("Dark"))]
        cast(forms.ChoiceField, self.fields["language"]).choices = [("", browser), *settings.LANGUAGES]
        labels = {"theme": _("Theme"), "language": _("Language"), "zone": _("Time zone")}
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["zone"].widget.attrs |= {"list": "zones", "autocomplete": "off", "placeholder": browser}
        self.fields["zone"].help_text = _("Times are shown in it: Europe/Berlin, say. Empty: the browser's own.")

    def clean_zone(self) -> str:
        """A zone that there is."""
        zone = str(self.cleaned_data["zone"]).strip()
        if zone and zone not in preferring.ZONES:
            raise forms.ValidationError(_("There is no zone of this name. Choose one from the list."))
        return zone


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The first tab of one's own page."""
    user = cast(User, request.user)
    held = preferring.of(user)
    if request.method != "POST":
        said = {"theme": held.theme, "language": held.language, "zone": held.zone}
        return _shown(request, user, Choices(initial=said))
    form = Choices(request.POST)
    if not form.is_valid():
        return _shown(request, user, form, status=UNPROCESSABLE)
    preferring.keep(user, **form.cleaned_data)
    with translation.override(form.cleaned_data["language"] or translation.get_language()):
        messages.success(request, _("Kept."))
    answer = SeeOther(reverse("me"))
    theme.put(answer, form.cleaned_data["theme"])
    return answer


@require_POST
def keep_keys(request: HttpRequest) -> HttpResponse:
    """Single keys on or off, and others in their place; none where two would be the same."""
    user = cast(User, request.user)
    if "reset" in request.POST:
        preferring.keep(user, keys={}, keys_on=True)
        messages.success(request, _("Every key is as Handrail has it."))
        return SeeOther(reverse("me") + "#keys")
    wanted = {key: request.POST.get(f"key.{key}", key).strip().lower() or key for key in keys.KEYS}
    if found := keys.problems(wanted):
        said = preferring.of(user)
        form = Choices(initial={"theme": said.theme, "language": said.language, "zone": said.zone})
        return _shown(request, user, form, status=UNPROCESSABLE, wanted=wanted, wrong=found)
    changed = {key: other for key, other in wanted.items() if other != key}
    preferring.keep(user, keys=changed, keys_on="on" in request.POST)
    messages.success(request, _("Kept."))
    return SeeOther(reverse("me") + "#keys")


def _shown(
    request: HttpRequest,
    user: User,
    form: Choices,
    *,
    status: int = 200,
    wanted: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> HttpResponse:
    held = preferring.of(user)
    chosen = held.keys if wanted is None else wanted
    rows = [(key, words, chosen.get(key, key), (wrong or {}).get(key, "")) for key, words in keys.KEYS.items()]
    on = held.keys_on if wanted is None else "on" in request.POST
    context = {"form": form, "rows": rows, "zones": sorted(preferring.ZONES), "wrong": bool(wrong), "on": on}
    return render(request, "audit/me.html", context, status=status)
