"""What the API takes and gives, as its OpenAPI document shows it."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

type State = Literal["accepted", "running", "paused", "done", "failed", "cancelled"]


class Failure(Schema):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] | None = None


class StartIn(Schema):
    """The input of a new run, as the workflow's input schema wants it."""

    input: dict[str, Any]


class StartedOut(Schema):
    """The run that was accepted, or that the same idempotency key started before."""

    run: int
    state: State
    repeated: bool
    url: str


class RunOut(Schema):
    """A run as it stands. `waits_for_people`: some step of it waits for a person."""

    id: int
    workflow: str
    version: int
    title: str
    state: State
    waits_for_people: bool
    outcome: str
    succeeded: bool | None
    started_by: str
    created_at: datetime
    ended_at: datetime | None


class ResultOut(Schema):
    """What an ended run came to."""

    id: int
    state: State
    outcome: str
    succeeded: bool | None
    result: dict[str, Any] | None


class RunsOut(Schema):
    """Runs, newest first. `next` is the address of the following page, or null."""

    runs: list[RunOut]
    next: str | None


class WorkflowOut(Schema):
    """A workflow that the token opens, with the JSON schema of its input."""

    slug: str
    name: str
    purpose: str
    version: int
    takes_runs: bool
    input: dict[str, Any] = Field(description="A JSON schema.")


class WorkflowsOut(Schema):
    """Every workflow that the token opens."""

    workflows: list[WorkflowOut]
