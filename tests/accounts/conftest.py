"""Browsers, and an outbox of their own."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.accounts import hands
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _outbox(settings: LazySettings, tmp_path: Path) -> None:
    """What is sent here is read here."""
    settings.OUTBOX = tmp_path / "outbox"


@pytest.fixture
def rita(cast: Cast) -> Client:
    """Rita, who came in by the login."""
    client = Client()
    assert hands.sign_in(client).status_code == 302
    return client


@pytest.fixture
def adam(cast: Cast) -> Client:
    """Adam, the admin."""
    client = Client()
    hands.sign_in(client, "adam")
    return client
