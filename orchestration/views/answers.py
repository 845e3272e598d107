"""The door of answers that come later: no session, no cookie; the address is what opens it, once."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orchestration.api import problems
from orchestration.triggers import answered


@csrf_exempt
@login_not_required
@require_POST
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Take an answer. The step that waited has gone on before this is told."""
    try:
        announced = request.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > answered.LARGEST:
            raise answered.TooLarge
        answered.take(token, request.body)
    except RequestDataTooBig:
        refused: answered.Unanswered = answered.TooLarge()
    except answered.Unanswered as error:
        refused = error
    else:
        response = JsonResponse({"status": "taken"}, status=202)
        response["Cache-Control"] = "no-store"
        return response
    return problems.answer(refused.status, refused.code, refused.detail, answered.SOON if refused.status == 404 else {})
