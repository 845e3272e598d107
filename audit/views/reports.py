"""The reports: what people decided, how fast, at what cost. They read the ledger and nothing else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def overview(request: HttpRequest) -> HttpResponse:
    """Five figures, each of which opens the decisions behind it."""
    return render(request, "audit/reports.html")


def decisions(request: HttpRequest) -> HttpResponse:
    """The decisions behind a figure."""
    return render(request, "audit/decisions.html")
