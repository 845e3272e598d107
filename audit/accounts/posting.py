"""Mail that Handrail itself sends: over SMTP where a server is named, else into the outbox folder."""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)
POSTMAN = ThreadPoolExecutor(1, thread_name_prefix="post")


def hand_over(make: Callable[[], EmailMessage]) -> None:
    """Make and send it beside the request: how long that takes tells nobody whether an address is known here.

    `make` asks the database nothing. What is lost with the process is asked for again by whoever waits for it.
    """
    POSTMAN.submit(copy_context().run, _post_aside, make)


def _post_aside(make: Callable[[], EmailMessage]) -> None:
    try:
        post(make())
    except Exception:
        logger.exception("A mail could not be made or kept.")


def post(message: EmailMessage) -> bool:
    """Send it, or put it into the outbox. False where the mail server did not take it: whoever asked is told."""
    if not settings.SMTP_HOST:
        _into_folder(message, Path(settings.OUTBOX))
        return True
    try:
        message.send()
    except OSError:
        logger.exception("A mail was not taken by the mail server.")
        return False
    return True


def _into_folder(message: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"account-{secrets.token_hex(12)}"
    unfinished = folder / f".{name}"
    unfinished.touch(mode=0o600)  # it may hold a link that opens an account
    unfinished.write_bytes(message.message().as_bytes())
    unfinished.replace(folder / f"{name}.eml")
