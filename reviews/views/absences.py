"""One's own absence: days, and who acts meanwhile."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from audit.access import in_person
from audit.models import User
from reviews.models import Absence
from reviews.views.page import SeeOther
from reviews.who import absences, holders

UNPROCESSABLE, CONFLICT = 422, 409
MOST = 500  # people in a list


class AbsenceForm(forms.Form):
    """The days of an absence, and the deputy."""

    from_day = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    to_day = forms.DateField(label=gettext_lazy("To and with"), widget=forms.DateInput(attrs={"type": "date"}))
    deputy = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who acts meanwhile"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy(
            "They decide in your place where they may decide themselves, and never on work of yours."
        ),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        others = User.objects.filter(is_active=True).exclude(pk=user.pk)
        field = self.fields["deputy"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = others.order_by("last_name", "first_name", "pk")


def keep(sent: AbsenceForm, user: User, *, by: User) -> Absence | None:
    """The absence that a form says; None with the problem beside its field where it cannot be."""
    if not sent.is_valid():
        return None
    try:
        return absences.say(user, **sent.cleaned_data, by=by)
    except absences.CannotBeAway as error:
        sent.add_error(None, str(error))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """One's absences, and the form that adds one."""
    user = in_person(request)
    sent = AbsenceForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (made := keep(sent, user, by=user)) is not None:
        messages.success(request, said(made))
        return SeeOther(reverse("me-absence"))
    return _shown(request, user, sent, UNPROCESSABLE if sent.is_bound else 200)


@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """Call one's absence off."""
    user = in_person(request)
    try:
        absences.call_off(pk, user, by=user)
    except absences.CannotBeAway as error:
        return _shown(request, user, AbsenceForm(user), CONFLICT, refused=str(error))
    messages.success(request, _("The absence is called off."))
    return SeeOther(reverse("me-absence"))


def said(made: Absence) -> str:
    """What an absence comes to, in a sentence."""
    if made.deputy is None:
        return _("Kept. Nobody acts meanwhile.")
    return _("Kept. %s acts meanwhile.") % made.deputy


def _shown(request: HttpRequest, user: User, form: AbsenceForm, status: int, refused: str = "") -> HttpResponse:
    gone = holders.here_now().away
    acts_for = User.objects.filter(pk__in=holders.stood_for(user.pk, gone))
    context = {
        "form": form,
        "absences": list(absences.coming(user)),
        "today": holders.today(),
        "acts_for": list(acts_for.order_by("last_name", "first_name")[:MOST]),
        "refused": refused,
        "tab": "me-absence",
    }
    return render(request, "reviews/me_absence.html", context, status=status)
