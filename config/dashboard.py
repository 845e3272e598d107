"""RQ's dashboard at /admin, to be looked at only: nothing is queued, stopped or deleted from it.

The pages are RQ's; the templates are ours, without its buttons and its inline script. Nothing else of Django's admin
is mounted: whoever changed people or groups there would do it behind the ledger's back.
"""

import inspect
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from django_rq import stats_views, views
from redis.exceptions import RedisError

from audit.models import User

STEPS = {"queue_index": 0}  # our only queue
AWAY = 503

type View = Callable[..., HttpResponse]


def _to_look_at(view: View) -> View:
    """A page of RQ's for those who may stop everything, whether or not Django calls them staff."""
    bare: View = inspect.unwrap(view)

    @require_safe
    @wraps(bare)
    def shown(request: HttpRequest, **given: int) -> HttpResponse:
        if not isinstance(request.user, User) or not request.user.has_perm("orchestration.stop_everything"):
            raise Http404
        try:
            answer = bare(request, **given)
        except (RedisError, OSError):
            answer = render(request, "django_rq/away.html", status=AWAY)
        add_never_cache_headers(answer)
        return answer

    return shown


urlpatterns = [
    path("", _to_look_at(stats_views.stats), name="rq"),
    path("queued/", _to_look_at(views.jobs), STEPS, name="rq-queued"),
    path("started/", _to_look_at(views.started_jobs), STEPS, name="rq-started"),
    path("failed/", _to_look_at(views.failed_jobs), STEPS, name="rq-failed"),
    path("workers/", _to_look_at(views.workers), STEPS, name="rq-workers"),
]
