"""The workspace's settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def show(request: HttpRequest) -> HttpResponse:
    """What can be chosen, and what stands fixed."""
    return render(request, "audit/settings.html")


def change(request: HttpRequest, key: str) -> HttpResponse:
    """Choose."""
    return redirect("settings")
