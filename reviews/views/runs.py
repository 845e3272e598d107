"""Runs: the list, and the page of one run."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The list of runs."""
    return render(request, "reviews/runs.html", {})


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one run."""
    return render(request, "reviews/run.html", {})
