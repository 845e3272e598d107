"""The workspace's own patterns: the list, the form with a box to try one on a text, and the switch."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.models import Event
from orchestration.models import Pattern
from orchestration.policies.activating import may_change
from orchestration.policies.shape import LONGEST_KEY
from orchestration.routing.patterns import keeping
from orchestration.routing.patterns.keeping import LONGEST_WHY, RAISING, CannotKeep, Clash
from orchestration.routing.patterns.reading import LONGEST, Detector
from orchestration.states import DataClass, PatternStatus
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther
from orchestration.views.rule_drafts import changing
from orchestration.views.rules import looking

LONGEST_TEXT = 20_000  # characters that a pattern is tried on
EVENTS = 12
PLAIN = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}
FIELDS = {"data": "level"}  # of the form, where they are called otherwise
WHY = gettext_lazy("It stands in the record, beside your name.")


class PatternForm(forms.Form):
    """What is looked for, of which class it is, why; and a text to try it on."""

    name = forms.CharField(
        max_length=LONGEST_KEY,
        required=False,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What it finds, as in customer-number. It stays as it is."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    pattern = forms.CharField(
        max_length=LONGEST,
        required=False,
        strip=False,
        label=gettext_lazy("Pattern"),
        help_text=gettext_lazy("In RE2's words, without looking ahead or back: KD-[0-9]{6}"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    level = forms.ChoiceField(
        choices=[(name, DataClass(name).label) for name in RAISING],
        required=False,
        label=gettext_lazy("What it finds is"),
        help_text=gettext_lazy("A text that holds it is of this class, or of a higher one."),
    )
    why = forms.CharField(
        max_length=LONGEST_WHY,
        required=False,
        label=gettext_lazy("Why"),
        help_text=WHY,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        strip=False,
        label=gettext_lazy("Try it on a text"),
        help_text=gettext_lazy("Nothing of it is kept."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: Pattern | None = None) -> None:
        known = {"name": row.name, "pattern": row.pattern, "level": row.data} if row else {}
        first = {"level": DataClass.PERSONAL, **known}
        super().__init__(data, initial=first)
        for name in ("why", "pattern", "level"):
            self.fields[name].required = True
        self.fields["name"].required = row is None


class Piece(NamedTuple):
    """A part of the text that a pattern was tried on."""

    text: str
    found: bool


class Tried(NamedTuple):
    """A text in pieces, and how often the pattern found something in it."""

    pieces: list[Piece]
    times: int


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """All of them; a workspace has a hundred at the most."""
    user = looking(request)
    rows = Pattern.objects.select_related("made_by", "changed_by").order_by("-status", "name")
    context = {"patterns": rows[: keeping.MOST], "may_change": may_change(user)}
    return render(request, "orchestration/patterns.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new pattern."""
    user = changing(request)
    if request.method != "POST":
        return _shown(request, PatternForm())
    sent = PatternForm(request.POST)
    if "try" in request.POST:
        return _tried(request, sent)
    try:
        row = keeping.add(*_values(sent, "name", "pattern", "level"), why=_values(sent, "why")[0], by=user)
    except CannotKeep as error:
        return _refused(request, sent, error)
    messages.success(request, _("%s is looked for from now on.") % row.name)
    return SeeOther(reverse("patterns"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a pattern that is there, and its switch."""
    user = changing(request)
    row = get_object_or_404(_rows(), pk=pk)
    if request.method != "POST":
        return _shown(request, PatternForm(row=row), row)
    sent = PatternForm(request.POST, row=row)
    if "try" in request.POST:
        return _tried(request, sent, row)
    pattern, data, why = _values(sent, "pattern", "level", "why")
    try:
        keeping.change(pk, pattern, data, seen=request.POST.get("seen", "")[:64], why=why, by=user)
    except CannotKeep as error:
        return _refused(request, sent, error, get_object_or_404(_rows(), pk=pk))
    messages.success(request, _("The pattern %s is as you wrote it.") % row.name)
    return SeeOther(reverse("patterns"))


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it looked for again, or no longer."""
    user = changing(request)
    row = get_object_or_404(_rows(), pk=pk)
    to = PatternStatus.ON if request.POST.get("to") == PatternStatus.ON else PatternStatus.OFF
    try:
        keeping.switch(pk, to, why=request.POST.get("why", ""), by=user)
    except CannotKeep as error:
        status = CONFLICT if isinstance(error, Clash) else UNPROCESSABLE
        row = get_object_or_404(_rows(), pk=pk)
        written = {"switch_wrong": str(error), "switch_why": request.POST.get("why", "")[:LONGEST_WHY]}
        return _shown(request, PatternForm(row=row), row, status, **written)
    told = _("%s is looked for again.") if to == PatternStatus.ON else _("%s is looked for no longer.")
    messages.success(request, told % row.name)
    return SeeOther(reverse("patterns"))


def _rows() -> QuerySet[Pattern]:
    return Pattern.objects.select_related("made_by", "changed_by")


def _values(sent: PatternForm, *names: str) -> list[str]:
    """What was written, as it was written: `keeping` says what is wrong with it."""
    return [str(sent.data.get(name, "")) for name in names]


def _tried(request: HttpRequest, sent: PatternForm, row: Pattern | None = None) -> HttpResponse:
    """What it finds in the text, with nothing saved."""
    name, pattern, data, text = _values(sent, "name", "pattern", "level", "text")
    try:
        detector = keeping.read(name, pattern, data)
    except CannotKeep as error:
        return _refused(request, sent, error, row, only="pattern")
    return _shown(request, _unjudged(sent), row, tried=_pieces(detector, text[:LONGEST_TEXT]))


def _pieces(detector: Detector, text: str) -> Tried:
    pieces, at, times = list[Piece](), 0, 0
    for found in detector.found(text):
        pieces += [Piece(text[at : found.start], False), Piece(text[found.start : found.end], True)]
        at, times = found.end, times + 1
    return Tried([piece for piece in (*pieces, Piece(text[at:], False)) if piece.text], times)


def _unjudged(sent: PatternForm) -> PatternForm:
    """The form with what was written, and without a word about what is still missing."""
    sent.full_clean()
    sent.errors.clear()
    return sent


def _refused(
    request: HttpRequest, sent: PatternForm, error: CannotKeep, row: Pattern | None = None, *, only: str = ""
) -> HttpResponse:
    _unjudged(sent)
    for name, told in error.problems:
        if not only or name == only:
            sent.add_error(FIELDS.get(name, name) or None, told)
    return _shown(request, sent, row, CONFLICT if isinstance(error, Clash) else UNPROCESSABLE, refused=not only)


def _shown(
    request: HttpRequest, form: PatternForm, row: Pattern | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    about = Event.objects.filter(object_type="pattern", object_id=str(row.pk)) if row else Event.objects.none()
    context = {
        "form": form,
        "row": row,
        "seen": keeping.state_of(row) if row else "",
        "events": about.select_related("personal").order_by("-pk")[:EVENTS],
        "longest": LONGEST_WHY,
        **more,
    }
    return render(request, "orchestration/pattern_form.html", context, status=status)
