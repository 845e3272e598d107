"""Chats, through apprise: services that the host allows, each at its own hosts, over the guarded way out.

An address of apprise holds secrets, so it is kept encrypted, or named by its reference where it is a bot of the house.
It is read when a message is sent, and stands in no log, page or error.
"""

import re
from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from audit.clock_time import HandrailNow
from audit.models import User
from orchestration import credentials, encrypted
from reviews.notices import guarded
from reviews.notices.composing import Letter
from reviews.notices.outcomes import Away, Refused
from reviews.reaching import Chat, Message

PURPOSE = b"handrail: addresses of chats"
LONGEST = 1000
REST = 30  # seconds between two tests
TARGET = re.compile(r"@[A-Za-z0-9._-]{1,60}|[UW][A-Z0-9]{6,14}|[0-9]{3,20}|[^\s@,/?&#]{1,60}@[A-Za-z0-9.-]{3,80}")
CALLED = {
    "slack": "Slack",
    "workflows": "Microsoft Teams",
    "discord": "Discord",
    "tgram": "Telegram",
    "gchat": "Google Chat",
    "webex": "Webex",
    "mmost": "Mattermost",
    "rocket": "Rocket.Chat",
}


class CannotKeep(Exception):
    """Nothing was kept: a sentence that says why, and repeats nothing of what was given."""


class TooSoon(Exception):
    """Nothing was sent: another test was, a moment ago."""


def offered() -> list[str]:
    """The services that the host allows, by the names that people know."""
    return [CALLED.get(schema, schema) for schema in settings.HANDRAIL_CHATS]


def bots() -> list[str]:
    """The bots of the house."""
    return sorted(settings.HANDRAIL_CHAT_BOTS)


def keep_address(user: User, given: str) -> Chat:
    """Keep somebody's own address, encrypted. Raises `CannotKeep`."""
    given = given.strip()
    schema = given.partition("://")[0].lower()
    if len(given) > LONGEST or not given.isprintable() or not given.isascii() or " " in given:
        raise CannotKeep(_("This is no address of a chat: one line without spaces, such as slack://…"))
    if schema not in settings.HANDRAIL_CHATS:
        told = _("Addresses of this kind are not allowed here. Those that are: %(names)s.")
        raise CannotKeep(told % {"names": ", ".join(f"{one}://" for one in settings.HANDRAIL_CHATS)})
    if guarded.instance(given, schema) is None:
        raise CannotKeep(_("The service cannot be reached with this address: a part of it is missing or wrong."))
    return _keep(user, service=schema, closed=encrypted.close(given, PURPOSE), bot="", target="")


def keep_target(user: User, bot: str, target: str) -> Chat:
    """Let a bot of the house write to somebody. Raises `CannotKeep`."""
    if bot not in settings.HANDRAIL_CHAT_BOTS:
        raise CannotKeep(_("Choose one of the services."))
    if not TARGET.fullmatch(target.strip()):
        raise CannotKeep(_("Say who you are there: @name, a number of a member, or an e-mail address. Never a room."))
    return _keep(user, service=bot[:40], closed="", bot=bot, target=target.strip())


def forget(user: User) -> None:
    """Write to them in no chat any more."""
    Chat.objects.filter(pk=user.pk).delete()


def send(message: Message, letter: Letter) -> None:
    """Hand one message over. Raises `Away`, or `Refused`."""
    chat = Chat.objects.filter(pk=message.user_id).first()
    if chat is None:
        raise Refused(_("They have no chat any more."))
    _hand_over(chat, letter.subject, letter.as_text())


def test(user: User) -> None:
    """Send somebody one message of no content, now. Raises `Away`, `Refused` or `TooSoon`."""
    chat = Chat.objects.filter(pk=user.pk).first()
    if chat is None:
        raise Refused(_("You are written to in no chat: say first in which."))
    if not cache.add(f"chat-test-{user.pk}", 1, REST):
        raise TooSoon
    _hand_over(chat, _("A test"), _("You asked for this test. What waits for you will be told here."))


def _hand_over(chat: Chat, title: str, text: str) -> None:
    address = _address(chat)
    schema = address.partition("://")[0].lower()
    service = guarded.instance(address, schema) if schema in settings.HANDRAIL_CHATS else None
    if service is None:
        raise Refused(_("The host does not allow this chat, or its address is wrong."))
    written = unquote(str(service.url(privacy=True)))  # type: ignore[no-untyped-call]
    if chat.bot and chat.target.lstrip("@") not in written:
        raise Refused(_("This service cannot write to a person by that name, and it writes to no room."))
    with guarded.watched() as refusals:
        sent = bool(service.notify(title=title, body=text))
    if refusals and not sent:
        raise Refused(refusals[0])
    if not sent:
        raise Away(_("The chat did not take it."))


def _address(chat: Chat) -> str:
    try:
        if not chat.bot:
            return encrypted.open_up(chat.closed, PURPOSE)
        address = credentials.value(settings.HANDRAIL_CHAT_BOTS.get(chat.bot, ""))
    except encrypted.Lost:
        told = _("The address was kept under another secret key of this installation. Give it anew.")
        raise Refused(told) from None
    except credentials.KeyMissing as error:
        raise Away(str(error)) from None
    return f"{address}{'&' if '?' in address else '?'}to={quote(chat.target, safe='')}"


def _keep(user: User, **fields: Any) -> Chat:
    return Chat.objects.update_or_create(user=user, defaults={**fields, "changed_at": HandrailNow()})[0]
