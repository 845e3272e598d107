"""Home: what waits, what is late, what runs, and what it cost today, by role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    return render(request, "reviews/home.html", {})
