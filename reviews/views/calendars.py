"""Calendars: the list, and the form with the next ten days beside it as they come out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.access import need
from audit.clock_time import now
from audit.models import Event, User
from reviews.models import Calendar
from reviews.views.page import SeeOther
from reviews.when import days, keeping, typed, used
from reviews.when.keeping import CannotKeep, Clash
from reviews.when.typed import NotRead

CONFLICT, UNPROCESSABLE = 409, 422
EVENTS = 12
LONGEST = 20_000  # characters of a list of days
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
WEEK = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
USUAL = ["09:00-17:00"] * 5 + ["", ""]


class CalendarForm(forms.Form):
    """Name, zone, hours by weekday, the country whose holidays count, and days of one's own."""

    slug = forms.CharField(
        label=pgettext_lazy("short name", "Key"),
        help_text=gettext_lazy("What workflows call it, as in hours: berlin. It stays as it is."),
        widget=forms.TextInput(attrs={**PLAIN, "class": "mono", "maxlength": 60}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("As it stands in a sentence: business hours of Berlin."),
        widget=forms.TextInput(attrs={**PLAIN, "maxlength": 80}),
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        widget=forms.TextInput(attrs={**PLAIN, "list": "zones", "maxlength": 64}),
    )
    country = forms.CharField(
        label=gettext_lazy("Country of its public holidays"),
        required=False,
        help_text=gettext_lazy("Two letters, as in DE. Empty: no public holidays."),
        widget=forms.TextInput(attrs={**PLAIN, "list": "countries", "maxlength": 2}),
    )
    region = forms.CharField(
        label=gettext_lazy("Region"),
        required=False,
        help_text=gettext_lazy("As in BE for Berlin, where holidays differ."),
        widget=forms.TextInput(attrs={**PLAIN, "maxlength": 10}),
    )
    off = forms.CharField(
        label=gettext_lazy("Days off of its own"),
        required=False,
        help_text=gettext_lazy("One in each line, and what it is called: 2026-12-24 Christmas Eve"),
        widget=forms.Textarea(attrs={**PLAIN, "rows": 3, "maxlength": LONGEST}),
    )
    working = forms.CharField(
        label=gettext_lazy("Working days of its own"),
        required=False,
        help_text=gettext_lazy("Open whatever else that day is. One in each line: 2026-12-12 09:00-13:00"),
        widget=forms.Textarea(attrs={**PLAIN, "rows": 3, "maxlength": LONGEST}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: Calendar | None = None) -> None:
        super().__init__(data, initial=_known(row))
        for number, weekday in enumerate(WEEK):
            hint = gettext_lazy("09:00-12:00, 13:00-17:00; empty: closed; 22:00-06:00 goes on into the next day")
            field = forms.CharField(
                label=weekday,
                required=False,
                help_text=hint if number == 0 else "",
                widget=forms.TextInput(attrs={**PLAIN, "maxlength": 200}),
            )
            self.fields[f"day{number}"] = field
        if row is not None:
            del self.fields["slug"]

    @property
    def week(self) -> list[Any]:
        """The fields of the weekdays, in their order."""
        return [self[f"day{number}"] for number in range(len(WEEK))]

    def values(self) -> dict[str, Any]:
        """What was typed as a calendar holds it, or `CannotKeep`."""
        problems: dict[str, str] = {}
        sent = {name: str(self.data.get(name, ""))[:LONGEST].strip() for name in self.fields}

        def read(name: str, reading: Any) -> Any:
            try:
                return reading(sent[name])
            except NotRead as error:
                problems[name] = str(error)
                return None

        hours = [read(f"day{number}", typed.spans) for number in range(len(WEEK))]
        made = {
            "name": sent["name"][:80],
            "zone": sent["zone"][:64],
            "country": sent["country"].upper()[:2],
            "region": sent["region"][:10],
            "off": read("off", typed.days_off),
            "working": read("working", typed.working_days),
        }
        if problems:
            raise CannotKeep(problems)
        return {**made, "hours": hours}


def _known(row: Calendar | None) -> dict[str, Any]:
    if row is None:
        usual = {f"day{number}": text for number, text in enumerate(USUAL)}
        return {**usual, "zone": settings.TIME_ZONE}
    week = {f"day{number}": typed.shown_spans(spans) for number, spans in enumerate(row.hours)}
    plain = {name: getattr(row, name) for name in ("name", "zone", "country", "region")}
    return {**week, **plain, "off": typed.shown_days(row.off), "working": typed.shown_days(row.working)}


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """All of them; a workspace has two hundred at the most."""
    need(request, "change_choices")
    rows = Calendar.objects.select_related("changed_by").order_by("name", "pk")[: keeping.MOST]
    return render(request, "reviews/calendars.html", {"calendars": rows})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new calendar."""
    user = need(request, "change_choices")
    if request.method != "POST":
        return _shown(request, CalendarForm())
    sent = CalendarForm(request.POST)
    try:
        row = keeping.add(request.POST.get("slug", "").strip()[:61], sent.values(), by=user)
    except CannotKeep as error:
        return _refused(request, sent, error)
    messages.success(request, _("The calendar %s is there. Reviews name it under hours.") % row.name)
    return SeeOther(reverse("calendar", args=[row.slug]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a calendar that is there."""
    user = need(request, "change_choices")
    row = get_object_or_404(_rows(), slug=slug)
    if request.method != "POST":
        return _shown(request, CalendarForm(row=row), row)
    sent = CalendarForm(request.POST, row=row)
    try:
        _change(row, sent, request.POST.get("seen", "")[:64], user)
    except CannotKeep as error:
        return _refused(request, sent, error, get_object_or_404(_rows(), slug=slug))
    told = _("The calendar %s is as you wrote it. What is due already stays so.")
    messages.success(request, told % sent["name"].value())
    return SeeOther(reverse("calendar", args=[slug]))


@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete one that nothing uses; else its page says what does."""
    user = need(request, "change_choices")
    row = get_object_or_404(_rows(), slug=slug)
    try:
        name = keeping.remove(row.pk, by=user)
    except CannotKeep as error:
        return _shown(request, CalendarForm(row=row), row, CONFLICT, kept=str(error))
    messages.success(request, _("The calendar %s is deleted.") % name)
    return SeeOther(reverse("calendars"))


def _change(row: Calendar, sent: CalendarForm, seen: str, user: User) -> None:
    keeping.change(row.pk, sent.values(), seen=seen, by=user)


def _rows() -> Any:
    return Calendar.objects.select_related("changed_by")


def _refused(request: HttpRequest, sent: CalendarForm, error: CannotKeep, row: Calendar | None = None) -> HttpResponse:
    sent.full_clean()
    sent.errors.clear()
    for name, told in error.problems.items():
        known = {"hours": "day0"}.get(name, name)
        sent.add_error(known if known in sent.fields else None, told)
    return _shown(request, sent, row, CONFLICT if isinstance(error, Clash) else UNPROCESSABLE, refused=True)


def _shown(
    request: HttpRequest,
    form: CalendarForm,
    row: Calendar | None = None,
    status: int = 200,
    *,
    refused: bool = False,
    kept: str = "",
) -> HttpResponse:
    about = Event.objects.filter(object_type="calendar", object_id=str(row.pk)) if row else Event.objects.none()
    context = {
        "form": form,
        "row": row,
        "seen": keeping.state_of(row) if row else "",
        "days": days.coming(row, now()) if row else [],
        "events": about.select_related("personal").order_by("-pk")[:EVENTS],
        "zones": keeping.zones(),
        "countries": sorted(keeping.countries()),
        "refused": refused,
        "used": used.told(row) if row else "",
        "kept": kept,
    }
    return render(request, "reviews/calendar_form.html", context, status=status)
