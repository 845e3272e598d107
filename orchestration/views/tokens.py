"""Tokens of the API: one's own, made and withdrawn here; who may change the settings sees everybody's."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from audit.actors import person
from audit.clock_time import now
from audit.models import User
from audit.moves import IllegalMove, LostRace
from audit.pages import page
from orchestration.models import ApiToken, Workflow
from orchestration.once import once, token
from orchestration.triggers import tokens
from orchestration.triggers.tokens import BadToken
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther

ALL_OF_THEM = "audit.change_choices"


class TokenForm(forms.Form):
    """What somebody wants a token to be."""

    name = forms.CharField(max_length=tokens.LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    scopes = forms.MultipleChoiceField(
        choices=list(tokens.SCOPES.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    workflows = forms.ModelMultipleChoiceField(
        Workflow.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    every_workflow = forms.BooleanField(required=False)
    days = forms.IntegerField(min_value=1, max_value=tokens.LONGEST_DAYS, initial=90)

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, initial={"scopes": [tokens.START, tokens.READ]})
        field = cast("forms.ModelMultipleChoiceField[Workflow]", self.fields["workflows"])
        field.queryset = Workflow.objects.allowed(user, "view").defer("purpose")
        labels = {"name": _("What it is for"), "days": _("Good for how many days")}
        labels |= {"scopes": _("What it may do"), "workflows": _("With which workflows")}
        labels |= {"every_workflow": _("With all workflows that I may use, now and later")}
        for name, label in labels.items():
            self.fields[name].label = label

    def tell(self, problems: list[tuple[str, str]]) -> None:
        """Put each problem beside its field."""
        for name, told in problems:
            self.add_error(name if name in self.fields else None, told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """The tokens that one may see, and the form that makes one; its text is shown this once."""
    user = cast(User, request.user)
    if request.method != "POST":
        return _shown(request, user, TokenForm(user))
    sent = TokenForm(user, request.POST)
    if not sent.is_valid():
        return _shown(request, user, sent, UNPROCESSABLE)
    text = ""

    def make() -> int:
        nonlocal text
        made, text = tokens.make(user, **sent.cleaned_data)
        return made.pk

    try:
        once(request.session, request.POST.get("token", "")[:64], make)
    except BadToken as error:
        sent.tell(error.problems)
        return _shown(request, user, sent, UNPROCESSABLE)
    if not text:  # the form was sent twice: its token was shown the first time
        return SeeOther(reverse("tokens"))
    return _shown(request, user, TokenForm(user), text=text)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a token open nothing any more."""
    user = cast(User, request.user)
    found = get_object_or_404(_seen(user), pk=pk)
    try:
        tokens.withdraw(found, actor=person(user))
    except (IllegalMove, LostRace):
        return _shown(request, user, TokenForm(user), CONFLICT, refused=_("The token was withdrawn already."))
    messages.success(request, _("The token is withdrawn. It opens nothing any more."))
    return SeeOther(reverse("tokens"))


def _seen(user: User) -> QuerySet[ApiToken]:
    found = ApiToken.objects.select_related("owner")
    return found if user.has_perm(ALL_OF_THEM) else found.filter(owner=user)


def _shown(
    request: HttpRequest, user: User, form: TokenForm, status: int = 200, *, text: str = "", refused: str = ""
) -> HttpResponse:
    rows = _seen(user).prefetch_related("workflows")
    shown = page(request.GET, lambda before, after, most: _part(rows, before, after, most), lambda row: row.pk)
    context = {
        "form": form,
        "tokens": shown,
        "moment": now(),
        "text": text,
        "refused": refused,
        "token": token() if text else request.POST.get("token", "")[:64] or token(),
        "scopes": tokens.SCOPES,
    }
    return render(request, "orchestration/tokens.html", context, status=status)


def _part(rows: QuerySet[ApiToken], before: int | None, after: int | None, most: int) -> list[ApiToken]:
    if after is not None:
        return list(rows.filter(pk__gt=after).order_by("pk")[:most])
    return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:most])
