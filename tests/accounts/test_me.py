"""Each person's own settings: what one sees, in which language and zone, and by which keys."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.keys import KEYS, RESERVED, problems
from audit.models import Preferences
from tests.accounts.hands import sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)


def own(**changed: str) -> dict[str, str]:
    """The form of the keys, with some of them changed."""
    return {"on": "on"} | {f"key.{key}": changed.get(key, key) for key in KEYS}


def test_a_theme_is_ones_own_wherever_one_signs_in(cast: Cast, rita: Client) -> None:
    assert 'data-theme="dark"' not in rita.get("/").content.decode()
    answer = rita.post("/me/", {"theme": "dark", "language": "", "zone": ""})
    assert (answer.status_code, answer.cookies["theme"].value) == (303, "dark")
    other = Client()
    sign_in(other)
    assert 'data-theme="dark"' in other.get("/").content.decode()
    other.post("/theme/", {"theme": "light"})
    assert 'data-theme="light"' in rita.get("/").content.decode()
    other.post("/theme/", {"theme": ""})
    assert "data-theme" not in rita.get("/").content.decode().split("<head>")[0]


def test_a_language_is_ones_own(cast: Cast, rita: Client) -> None:
    rita.post("/me/", {"theme": "", "language": "de", "zone": ""})
    page = rita.get("/", headers={"accept-language": "en"})
    assert (page["Content-Language"], '<html lang="de"' in page.content.decode()) == ("de", True)
    away = Client().get("/login/", headers={"accept-language": "en"})
    assert away["Content-Language"] == "en"


def test_a_zone_is_ones_own_before_the_browsers(cast: Cast, rita: Client) -> None:
    cast.start()
    rita.cookies["zone"] = "Asia/Tokyo"
    rita.post("/me/", {"theme": "", "language": "", "zone": "Pacific/Kiritimati"})
    page = rita.get("/me/")
    assert page.context["form"].initial["zone"] == "Pacific/Kiritimati"
    assert Preferences.objects.get(user=cast.rita).zone == "Pacific/Kiritimati"
    seen = rita.get("/me/security/").content.decode()
    rita.post("/me/", {"theme": "", "language": "", "zone": "Pacific/Pago_Pago"})
    assert rita.get("/me/security/").content.decode() != seen  # a day earlier


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd", "x" * 100])
def test_a_zone_that_there_is_not_is_refused_and_kept_in_the_field(rita: Client, zone: str) -> None:
    page = rita.post("/me/", {"theme": "dark", "language": "", "zone": zone})
    assert page.status_code == 422
    assert f'value="{zone}"' in page.content.decode()
    assert not Preferences.objects.exists()


@pytest.mark.parametrize("said", [{"theme": "pink"}, {"language": "xx"}])
def test_what_cannot_be_chosen_is_refused(rita: Client, said: dict[str, str]) -> None:
    assert rita.post("/me/", {"theme": "", "language": "", "zone": "", **said}).status_code == 422


def test_keys_are_taken_by_others_and_given_back(rita: Client) -> None:
    assert rita.post("/me/keys/", own(a="y", r="a")).status_code == 303  # a became free
    page = rita.get("/inbox/").content.decode()
    assert 'data-keymap="{&quot;a&quot;: &quot;y&quot;, &quot;r&quot;: &quot;a&quot;}"' in page
    assert "data-keys-account" not in page
    rita.post("/me/keys/", {"reset": "1"})
    assert "data-keymap" not in rita.get("/inbox/").content.decode()


def test_keys_are_switched_off(rita: Client) -> None:
    said = own()
    del said["on"]
    rita.post("/me/keys/", said)
    assert 'data-keys-account="off"' in rita.get("/inbox/").content.decode()


@pytest.mark.parametrize("changed", [{"a": "r"}, {"a": "y", "r": "y"}, {"a": RESERVED}, {"a": "ab"}, {"a": "\u0007"}])
def test_two_keys_never_become_the_same(rita: Client, changed: dict[str, str]) -> None:
    page = rita.post("/me/keys/", own(**changed))
    assert page.status_code == 422
    assert "Nothing was kept" in page.content.decode()
    assert not Preferences.objects.exists()


def test_every_key_that_a_page_names_is_known() -> None:
    named: set[Any] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r'data-key="([^"{]+)"', path.read_text()))
    single = {key for key in named if len(key) == 1}
    assert single <= set(KEYS), "Put them into audit/keys.py"
    assert not problems({})


def test_tabs_of_others_stand_where_their_pages_do(rita: Client) -> None:
    page = rita.get("/me/").content.decode()
    assert page.count('aria-current="page"') >= 1
    assert 'href="/me/security/"' in page


def test_what_one_set_costs_no_query(rita: Client) -> None:
    rita.post("/me/", {"theme": "dark", "language": "", "zone": "Europe/Berlin"})
    with CaptureQueriesContext(connection) as asked:
        rita.get("/me/")
    preferences = [one["sql"] for one in asked.captured_queries if "audit_preferences" in one["sql"]]
    assert len(preferences) == 1
    assert "audit_user" in preferences[0]
