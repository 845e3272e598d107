"""Rita's browser at an item, and what its page sends."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from reviews.models import Review

type Post = Callable[..., Any]


@pytest.fixture
def post(rita: Client) -> Post:
    """Send the form of a decision, or another of the item's forms, as the page would."""

    def send(
        review: Review, verdict: str = "approved", door: str = "decide", client: Client = rita, **more: Any
    ) -> Any:
        now = Review.objects.get(pk=review.pk)
        shown = {f"arg.{name}": value for name, value in now.arguments.items() if isinstance(value, str)}
        sent = {"version": now.version, "shown_hash": now.content_hash, "reason": "", "form": "1", **shown, **more}
        return client.post(f"/inbox/{review.pk}/{door}/", {"verdict": verdict, **sent})

    return send
