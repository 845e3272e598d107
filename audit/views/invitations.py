"""Inviting people, and coming in by an invitation."""

from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit import newcomers
from audit.access import need
from audit.accounts import inviting
from audit.accounts.inviting import BadInvitation, Closed, Guest
from audit.clock_time import now
from audit.models import Invitation, User
from audit.moves import IllegalMove, LostRace
from audit.pages import page

GONE, CONFLICT, UNPROCESSABLE = 410, 409, 422
PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class SeeOther(HttpResponseRedirect):
    """What follows from a POST stands at another address."""

    status_code = 303


class GuestForm(forms.Form):
    """Whom to invite."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    login = forms.CharField(max_length=150, widget=forms.TextInput(attrs=PLAIN))
    email = forms.EmailField(max_length=254, widget=forms.EmailInput(attrs=PLAIN))
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"name": _("Full name"), "login": _("User name"), "email": _("E-mail"), "groups": _("Groups")}
        for name, label in labels.items():
            self.fields[name].label = label

    def guest(self) -> Guest:
        """What was said."""
        said = self.cleaned_data
        return Guest(said["name"], said["login"], said["email"], tuple(said["groups"]))


class PasswordForm(forms.Form):
    """The password that somebody chooses, twice."""

    password1 = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    password2 = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, row: Invitation, data: Any = None) -> None:
        super().__init__(data)
        self.row = row
        self.fields["password1"].label, self.fields["password2"].label = _("Password"), _("Password, again")
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())

    def clean_password1(self) -> str:
        """As strong as it has to be, and not one's own name."""
        first, _rest, last = self.row.name.partition(" ")
        chosen = str(self.cleaned_data["password1"])
        validate_password(chosen, User(username=self.row.login, first_name=first, last_name=last, email=self.row.email))
        return chosen

    def clean(self) -> dict[str, Any]:
        """Twice the same."""
        said = super().clean() or {}
        if "password1" in said and "password2" in said and said["password1"] != said["password2"]:
            self.add_error("password2", _("The two are not the same."))
        return said


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """Who was invited, and the form that invites; the link is shown this once."""
    user = need(request, "change_choices")
    if request.method != "POST":
        return _shown(request, GuestForm())
    form = GuestForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=UNPROCESSABLE)
    try:
        row, secret = inviting.invite(form.guest(), by=user)
    except BadInvitation as error:
        for name, told in error.problems:
            form.add_error(name, told)
        return _shown(request, form, status=UNPROCESSABLE)
    link = request.build_absolute_uri(reverse("invitation", args=[secret]))
    return _shown(request, GuestForm(), made=row, link=link, sent=inviting.tell(row, link))


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a link open nothing any more."""
    user = need(request, "change_choices")
    row = get_object_or_404(Invitation, pk=pk)
    try:
        inviting.withdraw(row, by=user)
    except (IllegalMove, LostRace):
        return _shown(request, GuestForm(), status=CONFLICT, refused=_("It was taken or withdrawn already."))
    messages.success(request, _("Withdrawn. The link opens nothing any more."))
    return SeeOther(reverse("invitations"))


def _shown(request: HttpRequest, form: GuestForm, *, status: int = 200, **more: Any) -> HttpResponse:
    rows = Invitation.objects.select_related("invited_by").prefetch_related("groups")

    def part(before: int | None, after: int | None, most: int) -> list[Invitation]:
        if after is not None:
            return list(rows.filter(pk__gt=after).order_by("pk")[:most])
        return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:most])

    found = page(request.GET, part, lambda row: row.pk)
    context = {
        "form": form,
        "invitations": found,
        "moment": now(),
        "newcomer_days": newcomers.DAYS,
        "held": newcomers.hold_decisions(),
        **more,
    }
    return render(request, "audit/invitations.html", context, status=status)


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def come_in(request: HttpRequest, secret: str) -> HttpResponse:
    """What an invitation opens: choose a password, and be signed in."""
    try:
        row = inviting.find(secret)
        form = PasswordForm(row, request.POST if request.method == "POST" else None)
        if request.user.is_authenticated or not form.is_valid():
            context = {"invitation": row, "form": form, "other": request.user.is_authenticated}
            status = 200 if request.method != "POST" else CONFLICT if context["other"] else UNPROCESSABLE
            return render(request, "account/invitation.html", context, status=status)
        made = inviting.accept(secret, form.cleaned_data["password1"])
    except Closed:
        return render(request, "account/invitation_closed.html", status=GONE)
    answer: HttpResponse = perform_login(request, made, redirect_url=reverse("home"))
    return answer
