"""A request for another host is refused with a page, also where it brings a session."""

import pytest
from django.test import Client

from tests.cast import Cast


@pytest.mark.django_db
def test_a_request_for_another_host_is_refused(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.rita)
    assert client.get("/inbox/", headers={"host": "elsewhere.example"}).status_code == 400
