"""What a person at a login does: they type, they read their phone and their mail."""

import re
import time
from email import message_from_bytes
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from audit.accounts import posting
from tests.cast import PASSWORD

PERIOD, TYPING = 30, 3  # seconds that a code holds, and that it takes to be typed and sent
WRONG = "not the password at all"


def sign_in(client: Client, login: str = "rita", password: str = PASSWORD, **more: Any) -> Any:
    """Send the login form."""
    return client.post("/login/", {"username": login, "password": password, **more})


def confirm(client: Client, password: str = PASSWORD) -> Any:
    """Show anew who one is."""
    return client.post("/confirm/", {"password": password})


def is_in(client: Client) -> bool:
    """Whether somebody is signed in."""
    return bool(client.get("/").status_code == 200)


def code(secret: str, ahead: int = 0) -> str:
    """What the app shows now, or some periods from now; where that is about to change, what it shows next."""
    if (left := PERIOD - time.time() % PERIOD) < TYPING:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + ahead)))


def set_up_app(client: Client) -> str:
    """Set an authenticator app up, as somebody who is signed in. Returns its key."""
    confirm(client)
    page = client.get("/me/security/app/")
    secret = str(page.context["form"].secret)
    answer = client.post("/me/security/app/", {"code": code(secret)})
    assert answer.status_code == 302, answer.context["form"].errors
    return secret


def codes(client: Client) -> list[str]:
    """The recovery codes, as the page shows them."""
    return re.findall(r"<li>(\d{8})</li>", client.get("/me/security/codes/").content.decode())


def told(answer: HttpResponse) -> str:
    """The page, without what differs each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())


def posted() -> None:
    """Wait until what was handed over before is sent."""
    posting.POSTMAN.submit(int).result(30)


def mails() -> list[tuple[str, str, str]]:
    """Every mail in the outbox: to whom, about what, and its text."""
    posted()
    found = []
    for path in sorted(Path(settings.OUTBOX).glob("account-*.eml"), key=lambda one: one.stat().st_mtime_ns):
        message: Any = message_from_bytes(path.read_bytes())
        found.append((message["To"], message["Subject"], message.get_payload(decode=True).decode()))
    return found


def link_in(text: str) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https?://[^/]+(/\S+)", text)
    assert found
    return found[1]
