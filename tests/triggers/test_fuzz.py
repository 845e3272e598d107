"""Whatever a program sends to an address of the API, the answer is one that the OpenAPI document names."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.api import api
from orchestration.triggers import keeping, tokens
from orchestration.triggers.keeping import Wanted
from tests.cast import Cast

TEXTS = st.text(max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
    max_leaves=8,
)
BODIES = st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode())
INPUTS = VALUES.map(lambda value: json.dumps({"input": value}).encode())
SEGMENTS = st.sampled_from(["answer-a-customer", "1", "0", "99999999999999999999", "..", "%00", "ü", "-1"]) | TEXTS
ROUTES = sorted(api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items())


@pytest.fixture
def text(cast: Cast) -> str:
    """A token that may all."""
    keeping.make(cast.workflow, "api", Wanted("The API"), by=cast.adam)
    return tokens.make(cast.adam, "A program", scopes=list(tokens.SCOPES), days=1, every_workflow=True)[1]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.data(),
    route=st.sampled_from(ROUTES),
    segment=SEGMENTS,
    body=BODIES | INPUTS,
    key=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
    query=st.dictionaries(st.sampled_from(["workflow", "state", "before"]), SEGMENTS, max_size=3),
)
def test_every_answer_is_one_that_it_names(
    text: str, data: Any, route: Any, segment: str, body: bytes, key: str, query: dict[str, str]
) -> None:
    path, methods = route
    method, told = data.draw(st.sampled_from(sorted(methods.items())))
    url = path.replace("{slug}", quoted(segment)).replace("{pk}", quoted(segment))
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": key}
    asked: dict[str, Any] = {"content_type": "application/json", "headers": headers, "query_params": query}
    answer = client.generic(method.upper(), url, body, **asked)
    named = {int(status) for status in told["responses"]}
    assert answer.status_code in named | {404, 405}, (method, url, answer.status_code)
    if answer.status_code >= 400 and answer["Content-Type"].startswith("application/"):
        assert answer.json()["status"] == answer.status_code


def quoted(segment: str) -> str:
    """A segment of an address, as a program would write it or not."""
    return segment.replace("/", "%2F").replace("?", "%3F").replace("#", "%23") or "x"
