"""Sending: a message is held, made up of what still holds, handed to its channel, and what came of it is written down.

It is recorded before it is tried, so it is tried at least once, whoever dies. A second try of the same message carries
the same key, by which mail servers, folders and browsers know it again. Who has decided meanwhile is not told.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from audit.clock_time import HandrailNow, now
from audit.ticks import tick
from reviews.notices import asked, browser, chats, choosing, composing, errands, mail
from reviews.notices.composing import Letter
from reviews.notices.outcomes import Away, Refused
from reviews.reaching import Channel, Message, Notice

HOLD = timedelta(seconds=90)
MOST_TRIES = 30  # the last one about a day after the first
LONGEST_WAIT = 3600  # seconds
REST = 15.0  # seconds that a channel is left alone after it was found away
LONGEST_ERROR = 500
VEILED = timedelta(minutes=5)  # after which a notice of a hidden run is looked at again

logger = logging.getLogger("notices")

type Send = Callable[[Message, Letter], None]
CHANNELS: Mapping[str, Send] = {Channel.MAIL: mail.send, Channel.BROWSER: browser.send, Channel.CHAT: chats.send}
_resting: dict[str, float] = {}


@tick("messages", every=1)
def look() -> None:
    """Let what is due be sent beside the clock's own work, which waits for no mail server."""
    due = _due().values_list("channel", flat=True).distinct()
    for channel in set(due) & set(CHANNELS):
        errands.run(f"notices-{channel}", send_over, channel)


def send_over(channel: str) -> int:
    """Send what is due over one channel. Returns how many messages were sent."""
    done = 0
    while _resting.get(channel, 0.0) <= time.monotonic() and (message := claim(channel)) is not None:
        done += try_one(message)
    return done


def wake() -> None:
    """Try channels again that were found away."""
    _resting.clear()


@transaction.atomic
def claim(channel: str) -> Message | None:
    """Hold the next message that is due."""
    free = _due().filter(channel=channel).order_by("due", "pk")
    message = free.select_for_update(of=("self",), skip_locked=True).select_related("user").first()
    if message is None:
        return None
    moment = now()
    message.tries, message.held_until = message.tries + 1, moment + HOLD
    message.save(update_fields=["tries", "held_until"])
    return message


def _due() -> QuerySet[Message]:
    free = Q(held_until=None) | Q(held_until__lt=HandrailNow())
    return Message.objects.filter(free, sent_at=None, given_up_at=None, due__lte=HandrailNow())


def try_one(message: Message) -> bool:
    """Try to send a message that is held. Whether it was sent."""
    try:
        letter = _letter(message)
        if letter is None:
            _settle(message, given_up_at=now(), error="")
            return False
        CHANNELS[message.channel](message, letter)
    except Refused as error:
        _settle(message, given_up_at=now(), error=str(error)[:LONGEST_ERROR])
    except Away as error:
        _resting[message.channel] = time.monotonic() + REST
        _put_off(message, str(error))
    except Exception as error:
        logger.exception("Message %s could not be made or sent.", message.pk)
        _put_off(message, type(error).__name__)
    else:
        _settle(message, sent_at=now(), error="")
        return True
    return False


def _letter(message: Message) -> Letter | None:
    """What the message says now; None where nothing of it still holds. What is hidden for now goes into a later one."""
    held = Notice.objects.filter(message=message, dropped_at=None).select_related("review__workflow", "review__group")
    notices = list(held.order_by("told_at", "pk"))
    later = asked.waiting(message.user, notices)
    Notice.objects.filter(pk__in=later).update(message=None, due=now() + VEILED)
    notices = [one for one in notices if one.pk not in later]
    gone = asked.still(message.user, notices)
    for why in set(gone.values()):
        pks = [pk for pk, told in gone.items() if told == why]
        Notice.objects.filter(pk__in=pks).update(dropped_at=HandrailNow(), why=why)
    left = [one for one in notices if one.pk not in gone]
    return composing.compose(choosing.reader(message.user), message, left) if left else None


def _put_off(message: Message, told: str) -> None:
    """Try it again later, each time after twice as long; or give it up, with the reason."""
    told = told[:LONGEST_ERROR]
    if message.tries >= MOST_TRIES:
        _settle(message, given_up_at=now(), error=told)
    else:
        _settle(message, due=now() + wait(message.tries), error=told)


def wait(tries: int) -> timedelta:
    """How long after so many tries the next one comes."""
    return timedelta(seconds=min(30 * 2 ** (min(tries, 10) - 1), LONGEST_WAIT))


def _settle(message: Message, **fields: datetime | str) -> None:
    """Write down what came of a try, if it is still this one that holds the message."""
    mine = Message.objects.filter(pk=message.pk, tries=message.tries, sent_at=None, given_up_at=None)
    mine.update(held_until=None, **fields)
