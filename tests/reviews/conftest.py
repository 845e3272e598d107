"""A reviewer's browser, and a question that waits for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.models import User
from reviews.models import Review
from tests.cast import Cast
from tests.fakes import FakeModels

type Browse = Callable[[User], Client]
type Decide = Callable[..., HttpResponse]


@pytest.fixture
def browse() -> Browse:
    """A signed-in browser for a person."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def rita(cast: Cast, browse: Browse) -> Client:
    """Rita's browser."""
    return browse(cast.rita)


@pytest.fixture
def review(cast: Cast, models: FakeModels) -> Review:
    """One e-mail that waits for approval."""
    return cast.waiting()


@pytest.fixture
def form(review: Review) -> dict[str, Any]:
    """What the page's form would send, without the verdict."""
    shown = {f"arg.{name}": value for name, value in review.arguments.items()}
    return {"version": review.version, "shown_hash": review.content_hash, "reason": "", **shown}


@pytest.fixture
def decide(rita: Client, review: Review, form: dict[str, Any]) -> Decide:
    """Post a decision as Rita's page would, with some fields changed."""

    def post(verdict: str = "approved", client: Client = rita, **changed: Any) -> Any:
        return client.post(f"/inbox/{review.pk}/decide/", {**form, "verdict": verdict, **changed})

    return post
