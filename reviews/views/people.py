"""The people page, for those who run the house: groups, manager, skills and absences of each."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import people
from audit.access import in_person, need
from audit.actors import person
from audit.models import User
from audit.pages import page
from reviews.models import Absence
from reviews.views.absences import CONFLICT, UNPROCESSABLE, AbsenceForm, keep, said
from reviews.views.page import SeeOther
from reviews.who import absences, holders


class PersonForm(forms.Form):
    """Whom somebody reports to, and what they are good at."""

    manager = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Reports to"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Review points may ask the manager of a workflow’s owner."),
    )
    skills = forms.CharField(
        label=gettext_lazy("Skills"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Words with commas between them: fraud, mortgages. Review points may ask for one."),
    )

    def __init__(self, of: User, data: Any = None) -> None:
        super().__init__(data, initial={"manager": of.manager_id, "skills": ", ".join(of.skills)})
        field = self.fields["manager"]
        assert isinstance(field, forms.ModelChoiceField)
        others = User.objects.filter(is_active=True).exclude(pk=of.pk)
        field.queryset = others.order_by("last_name", "first_name", "pk")


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """Everybody who is here."""
    need(request, "change_choices")
    gone = holders.here_now().away

    def fetch(before: int | None, after: int | None, limit: int) -> list[User]:
        found = User.objects.select_related("manager").prefetch_related("groups")
        if after is not None:
            return list(found.filter(pk__gt=after).order_by("pk")[:limit])
        found = found.filter(pk__lt=before) if before is not None else found
        return list(found.order_by("-pk")[:limit])

    shown = page(request.GET.dict(), fetch, lambda one: one.pk)
    deputies = {one.pk: one for one in User.objects.filter(pk__in=[pk for pk in gone.values() if pk])}
    away = {pk: deputies.get(deputy or 0) for pk, deputy in gone.items()}
    lines = [(one, one.pk in away, away.get(one.pk)) for one in shown.rows]
    return render(request, "reviews/people.html", {"lines": lines, "page": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One person, with the form that changes what is said of them."""
    need(request, "change_choices")
    of = get_object_or_404(User.objects.select_related("manager"), pk=pk)
    if request.method != "POST":
        return _shown(request, of, PersonForm(of))
    by, sent = in_person(request), PersonForm(of, request.POST)
    if not sent.is_valid():
        return _shown(request, of, sent, UNPROCESSABLE)
    try:
        people.give_skills(of, sent.cleaned_data["skills"].split(","), actor=person(by))
        people.give_manager(of, sent.cleaned_data["manager"], actor=person(by))
    except people.CannotSay as error:
        sent.add_error("skills", str(error))
        return _shown(request, of, sent, UNPROCESSABLE)
    messages.success(request, _("Kept. It stands in the record."))
    return SeeOther(reverse("person", args=[pk]))


@require_POST
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody is away."""
    need(request, "change_choices")
    of, by = get_object_or_404(User, pk=pk), in_person(request)
    sent = AbsenceForm(of, request.POST)
    if (made := keep(sent, of, by=by)) is None:
        return _shown(request, of, PersonForm(of), UNPROCESSABLE, absence=sent)
    messages.success(request, said(made))
    return SeeOther(reverse("person", args=[pk]))


@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """Call somebody's absence off."""
    need(request, "change_choices")
    found = get_object_or_404(Absence.objects.select_related("user"), pk=pk)
    try:
        absences.call_off(pk, found.user, by=in_person(request))
    except absences.CannotBeAway as error:
        return _shown(request, found.user, PersonForm(found.user), CONFLICT, refused=str(error))
    messages.success(request, _("The absence is called off."))
    return SeeOther(reverse("person", args=[found.user_id]))


def _shown(
    request: HttpRequest,
    of: User,
    form: PersonForm,
    status: int = 200,
    *,
    absence: AbsenceForm | None = None,
    refused: str = "",
) -> HttpResponse:
    context = {
        "of": of,
        "person_form": form,
        "form": absence or AbsenceForm(of),
        "absences": list(absences.coming(of)),
        "today": holders.today(),
        "groups": list(of.group_names.values()),
        "refused": refused,
    }
    return render(request, "reviews/person.html", context, status=status)
