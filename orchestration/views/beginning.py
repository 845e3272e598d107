"""A new workflow: its name and purpose, and the draft that it begins with."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.models import User
from orchestration import beginnings, templates
from orchestration.beginnings import CannotBegin
from orchestration.editing import blank
from orchestration.editing.fields import WHOLE
from orchestration.models import Version
from orchestration.once import once, token
from orchestration.views.control import UNPROCESSABLE, SeeOther


class NewWorkflow(forms.Form):
    """What somebody says of a workflow that is not there yet."""

    template = forms.ChoiceField(label=_("Begin with"), required=False)
    name = forms.CharField(
        max_length=beginnings.LONGEST_NAME,
        label=_("Name"),
        help_text=_("What people call it."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        help_text=_("What it is for, in a sentence. A template has one already."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    slug = forms.CharField(
        max_length=beginnings.LONGEST_SLUG,
        required=False,
        label=_("Name in addresses"),
        help_text=_("Small letters, digits and hyphens. It never changes; empty: it is made from the name."),
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        offered = [(one.key, f"{one.called}: {one.what}") for one in templates.templates()]
        cast(forms.ChoiceField, self.fields["template"]).choices = [("", gettext("Nothing: one step")), *offered]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form on GET; on POST the workflow with its draft, and the editor."""
    user = cast(User, request.user)
    if not beginnings.may_make(user):
        raise PermissionDenied
    if request.method != "POST":
        return _form(request, NewWorkflow())
    sent = NewWorkflow(request.POST)
    if sent.is_valid() and not (sent.cleaned_data["purpose"].strip() or sent.cleaned_data["template"]):
        sent.add_error("purpose", gettext("Say in a sentence what it is for."))
    if not sent.is_valid():
        return _form(request, sent, UNPROCESSABLE)
    try:
        made = once(request.session, request.POST.get("token", "")[:64], lambda: _make(sent.cleaned_data, user))
    except CannotBegin as error:
        for name, told in error.problems:
            sent.add_error(name if name in sent.fields else None, told)
        return _form(request, sent, UNPROCESSABLE)
    draft = Version.objects.select_related("workflow").get(pk=made)
    return SeeOther(reverse("editor", args=[draft.workflow.slug], query={"step": WHOLE}, fragment="row-input"))


def _make(said: dict[str, Any], user: User) -> int:
    slug = said["slug"] or beginnings.free_slug(blank.slug_of(said["name"]))
    if said["template"]:
        return templates.begin(templates.get(said["template"]), by=user, slug=slug, name=said["name"]).pk
    source = blank.source(slug=slug, name=said["name"], purpose=said["purpose"], owner=user)
    about = {"name": said["name"], "slug": slug, "purpose": said["purpose"]}
    return beginnings.begin_workflow(owner=user, by=user, source=source, **about).pk


def _form(request: HttpRequest, form: NewWorkflow, status: int = 200) -> HttpResponse:
    here = set(Group.objects.values_list("name", flat=True))
    needs = [(one, sorted(set(one.groups) - here)) for one in templates.templates()]
    context = {"form": form, "token": token(), "needs": [(one, lacks) for one, lacks in needs if lacks or one.plugs]}
    return render(request, "orchestration/workflow_new.html", context, status=status)
