"""What the API is, for programs and for people: its OpenAPI document, and a plain page made out of it."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from orchestration.api import api


class Route(NamedTuple):
    """One address of the API."""

    method: str
    path: str
    what: str


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document. It holds nothing of this installation, so it is open to everybody."""
    return JsonResponse(_document())


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The addresses with what each does, and a first request."""
    routes = [
        Route(method.upper(), path, gettext(str(told.get("description", ""))))
        for path, methods in _document()["paths"].items()
        for method, told in methods.items()
    ]
    context = {"routes": routes, "base": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "orchestration/api.html", context)


def _document() -> dict[str, Any]:
    return dict(api.get_openapi_schema(path_prefix=reverse("api-openapi").removesuffix("openapi.json")))
