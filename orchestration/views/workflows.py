"""Workflows: the list, and the page of one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The list of workflows."""
    return render(request, "orchestration/workflows.html", {})


@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one workflow."""
    return render(request, "orchestration/workflow.html", {})
