"""The record: every event, one event, and files of them."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit import ledger, sealer, sight
from audit.access import need
from audit.actors import person
from audit.clock_time import now
from audit.models import Event, User
from audit.pages import page
from audit.proof import checkpoints
from audit.reading import entries, exports, recheck
from audit.reading.entries import Sought
from audit.reading.sentences import FAMILIES
from audit.reading.told import who
from audit.reports.wanted import Wanted


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """All events, newest first."""
    user = need(request, "view_record")
    sought = Sought.read(request.GET)
    found = page(request.GET, lambda *place: entries.page(user, sought, *place), lambda leaf: leaf.leaf_index)
    context = {
        "page": found,
        "sought": sought,
        "families": FAMILIES,
        "people": User.objects.order_by("first_name", "last_name", "pk")[:500],
        "waiting": 0 if sought.address else entries.waiting(),
        "live": not request.GET.get("before") and not request.GET.get("after"),
        "export": sought.query if user.has_perm("audit.export_record") else None,
    }
    return render(request, "audit/record.html", context)


@require_safe
def one(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event, and whether it is as it was written."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    event = get_object_or_404(
        Event.objects.select_related("personal", "leaf").filter(entries.seen(user)), event_id=event_id
    )
    leaf, large = getattr(event, "leaf", None), recheck.kept(event)
    checks = recheck.checks(event, leaf, large)
    context = {
        "event": event,
        "leaf": leaf,
        "who": who(event),
        "about": {name: value for name, value in event.about.items() if value and name != "exhibits"},
        "checks": checks,
        "covering": checkpoints.covering(leaf.leaf_index) if leaf else None,
        "whole": all(check.agrees is not False for check in checks),
        "exhibits": recheck.exhibits(event, large),
        "may_list": entries.may_see_all(user),
    }
    return render(request, "audit/event.html", context)


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The record as CSV or JSON lines, or with `of=decisions` the decisions behind a figure as CSV."""
    user = need(request, "export_record")
    of_decisions = request.GET.get("of") == "decisions"
    if form not in exports.TYPES or (of_decisions and form != "csv"):
        raise Http404
    return _decisions(request, user) if of_decisions else _record(request, user, form)


def _record(request: HttpRequest, user: User, form: str) -> HttpResponseBase:
    sought, head = Sought.read(request.GET), sealer.head()
    _say(user, {"form": form, "up_to": head, "filters": sought.address})
    return _file(exports.record(user, sought, form, head), f"handrail-record-{head}.{form}", form)


def _decisions(request: HttpRequest, user: User) -> HttpResponseBase:
    need(request, "view_report")
    wanted = Wanted.read(request.GET, now())
    if wanted.reviewer:
        need(request, "view_record")
    period = {"from": wanted.period.start.isoformat(), "to": wanted.period.end.isoformat()}
    _say(user, {"form": "csv", "of": "decisions", "filters": {**period, **wanted.narrowed}})
    return _file(exports.decisions(wanted, sight.reach(user)), "handrail-decisions.csv", "csv")


@transaction.atomic
def _say(user: User, body: dict[str, object]) -> None:
    """Taking the record away is an event too, written before the first line leaves."""
    ledger.record("record.exported", "record", actor=person(user), body=body)


def _file(read: exports.Slice, name: str, form: str) -> HttpResponseBase:
    response = StreamingHttpResponse(exports.stream(read), content_type=exports.TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
