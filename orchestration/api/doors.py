"""The addresses of the API. Each checks the token, calls one verb, answers."""

from typing import Annotated, Any, Literal

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_noop
from ninja import Header, NinjaAPI, Path, Query, Status
from ninja.parser import Parser

from orchestration.api import bearer, problems, reading, shapes, starts, streams
from orchestration.api.problems import Problem
from orchestration.triggers import strictly, tokens

LARGEST = 256 * 1024  # bytes of a body


class StrictParser(Parser):
    """Bodies are read as strictly as those of webhooks."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON of the body, or `Problem`."""
        announced = request.headers.get("Content-Length", "")
        if (announced.isdigit() and int(announced) > LARGEST) or len(request.body) > LARGEST:
            raise Problem(413, "too-large", f"A request has at most {LARGEST // 1024} kB.")
        try:
            return strictly.read(request.body)
        except strictly.Unreadable as error:
            raise Problem(400, "not-json", str(error)) from None


api = NinjaAPI(
    title="Handrail",
    version="1",
    description="Start runs and read them. Decisions are people's: there is no way to decide here.",
    auth=bearer.Bearer(),
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
    urls_namespace="handrail-api",
)
problems.handle(api)

type Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
type Slug = Annotated[str, Path(max_length=80, pattern=r"^[-a-zA-Z0-9_]+$")]
type Wanted = Literal["", "live", "accepted", "running", "paused", "done", "failed", "cancelled"]

REFUSED = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), shapes.Failure)


@api.get(
    "/workflows/",
    url_name="api-workflows",
    response={200: shapes.WorkflowsOut, **REFUSED},
    description=gettext_noop("The workflows that the token opens, each with the schema of its input."),
)
def list_workflows(request: HttpRequest) -> shapes.WorkflowsOut:
    """Answer with those that the token opens."""
    return reading.workflows(bearer.token_of(request))


@api.post(
    "/workflows/{slug}/runs/",
    url_name="api-start",
    response={200: shapes.StartedOut, 202: shapes.StartedOut, **REFUSED},
    description=gettext_noop(
        "Start a run. With the same Idempotency-Key and input, the answer is the run that was started the first time."
    ),
)
def start_run(
    request: HttpRequest,
    slug: Slug,
    wanted: shapes.StartIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Status[shapes.StartedOut]:
    """Start it, or answer with the one that was started under the same key."""
    token = bearer.token_of(request)
    workflow = bearer.workflow_for(token, slug, tokens.START)
    run, repeated = starts.start(token, workflow, wanted.input, idempotency_key)
    url = reverse("api-run", args=[run.pk])
    started = shapes.StartedOut.model_validate({"run": run.pk, "state": run.status, "repeated": repeated, "url": url})
    return Status(200 if repeated else 202, started)


@api.get(
    "/runs/",
    url_name="api-runs",
    response={200: shapes.RunsOut, **REFUSED},
    description=gettext_noop("Runs that the token may read, newest first, fifty at a time."),
)
def list_runs(
    request: HttpRequest,
    workflow: Annotated[str, Query(max_length=80, pattern=r"^[-a-zA-Z0-9_]*$")] = "",
    state: Wanted = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> shapes.RunsOut:
    """Answer with a page of them."""
    return reading.page(bearer.token_of(request), workflow, state, before)


@api.get(
    "/runs/{pk}/",
    url_name="api-run",
    response={200: shapes.RunOut, **REFUSED},
    description=gettext_noop("The state of a run."),
)
def read_run(request: HttpRequest, pk: Number) -> shapes.RunOut:
    """Answer with one."""
    return reading.about([reading.run_of(bearer.token_of(request), pk)])[0]


@api.get(
    "/runs/{pk}/result/",
    url_name="api-result",
    response={200: shapes.ResultOut, **REFUSED},
    description=gettext_noop("What a run came to; `result` is null until it is done."),
)
def read_result(request: HttpRequest, pk: Number) -> shapes.ResultOut:
    """Answer with that of one run."""
    return reading.result(bearer.token_of(request), pk)


@api.get(
    "/runs/{pk}/stream/",
    url_name="api-stream",
    response={**REFUSED},
    description=gettext_noop("The state of a run as it changes: server-sent events, five minutes at the most."),
)
def stream_run(request: HttpRequest, pk: Number) -> HttpResponseBase:
    """Answer for as long as somebody listens."""
    token = bearer.token_of(request)
    return streams.stream(token, reading.run_of(token, pk))


def urls() -> list[URLPattern]:
    """The addresses, each open without a session: a token is asked for inside."""
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in found:
        assert pattern.callback is not None
        pattern.callback = login_not_required(pattern.callback)
    return found
