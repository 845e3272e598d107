"""The record: every event, one event, and a file of them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def every(request: HttpRequest) -> HttpResponse:
    """All events, newest first."""
    return render(request, "audit/record.html")


def one(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event, and whether it is as it was written."""
    return render(request, "audit/event.html")


def export(request: HttpRequest, form: str) -> HttpResponse:
    """The events as a file."""
    return render(request, "audit/record.html")
