"""The door of webhooks: no session, no cookie; a signature is what opens it."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orchestration.api import problems
from orchestration.triggers import webhooks
from orchestration.triggers.webhooks import Answer


@csrf_exempt
@login_not_required
@require_POST
def deliver(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a delivery. What is accepted is committed before the answer goes."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > webhooks.LARGEST:
        return _told(webhooks.TOO_LARGE)
    try:
        body = request.body
    except RequestDataTooBig:
        return _told(webhooks.TOO_LARGE)
    return _told(webhooks.deliver(public_id, request.headers, body))


def _told(answer: Answer) -> HttpResponse:
    if not answer.accepted:
        return problems.answer(answer.status, answer.code, answer.detail, answer.headers)
    told: dict[str, Any] = {"run": answer.run, "status": answer.code, "detail": answer.detail}
    response = JsonResponse(told, status=answer.status)
    response["Cache-Control"] = "no-store"
    return response
