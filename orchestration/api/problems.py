"""What went wrong, as RFC 9457 tells it: `application/problem+json`."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "No such method",
    409: "Conflict",
    413: "Too large",
    422: "Does not fit",
    429: "Too many",
    500: "Handrail broke",
    503: "Busy",
}

logger = logging.getLogger("api")


class Problem(Exception):
    """The request is refused: a status, a code for programs, a sentence for people, and where it does not fit."""

    def __init__(self, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors = status, code, detail, errors


def answer(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> HttpResponse:
    """A problem as a response."""
    told = {"type": "about:blank", "title": TITLES.get(status, "Refused"), "status": status, "code": code}
    response = JsonResponse({**told, "detail": detail, **more}, status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def handle(api: NinjaAPI) -> None:
    """Let every refusal of the API be told so."""
    api.exception_handler(Problem)(_problem)
    api.exception_handler(AuthenticationError)(_unknown)
    api.exception_handler(ValidationError)(_unfit)
    api.exception_handler(Http404)(_missing)
    api.exception_handler(HttpError)(_refused)
    api.exception_handler(Exception)(_broke)


def _problem(request: HttpRequest, error: Any) -> HttpResponse:
    more = {"errors": error.errors} if error.errors else {}
    return answer(error.status, error.code, error.detail, **more)


def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    told = "Send a token in the header Authorization, after the word Bearer. This one opens nothing now, or is missing."
    return answer(401, "no-token", told, {"WWW-Authenticate": 'Bearer realm="Handrail"'})


def _unfit(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        {"field": ".".join(map(str, one.get("loc", ()))), "message": str(one.get("msg", ""))[:300]}
        for one in error.errors[:50]
    ]
    return answer(422, "does-not-fit", "The request does not fit what this address takes.", errors=errors)


def _missing(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(404, "not-found", "There is nothing at this address that the token may see.")


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    """What ninja refuses by itself. Of a body that cannot be read, it keeps our own reason as the cause."""
    if isinstance(error.__cause__, Problem):
        return _problem(request, error.__cause__)
    return answer(error.status_code, "refused", str(error))


def _broke(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("The API broke at %s.", request.path, exc_info=error)
    return answer(500, "broken", "Handrail broke while answering this. What was accepted before stands.")
