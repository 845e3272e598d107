"""Clocks that are killed while they send: nothing is lost, and what comes twice comes under the same id."""

import threading
import time
from collections import Counter

import pytest

from audit.clock_time import HandrailNow
from reviews import notices
from reviews.notices import spreading
from reviews.reaching import Message, Told
from tests.cast import Cast
from tests.clock import jump
from tests.fakes import FakeModels
from tests.processes import manage, until
from tests.reaching.postbox import Postbox

KILLS, EACH = 4, 12


class _Slow(Postbox):
    """It takes its time, so that whoever sends is in the middle of it."""

    def process_request_thread(self, request: object, client_address: object) -> None:
        time.sleep(0.05)
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]


@pytest.mark.usefixtures("models")
def test_every_message_comes_whatever_dies(live_cast: Cast, models: FakeModels) -> None:
    review = live_cast.waiting()
    Told.objects.all().delete()
    with _Slow() as postbox:
        threading.Thread(target=postbox.serve_forever, args=(0.05,), daemon=True).start()
        server = {"HANDRAIL_SMTP_HOST": "127.0.0.1", "HANDRAIL_SMTP_PORT": str(postbox.server_address[1])}
        for number in range(KILLS):
            for one in range(EACH):  # each by itself, so that each is a message of its own
                about = f"{number}-{one}"
                notices.tell("assigned", review, [live_cast.rita.pk, live_cast.ravi.pk], about=about)
                spreading.plan()
            came = len(postbox.raw)
            with manage("clock", **server) as clock:
                until(lambda came=came: len(postbox.raw) > came + 2, "some messages")  # type: ignore[misc]
                clock.kill()
                clock.wait()
            jump(100)  # what it held is free again
        with manage("clock", **server):
            waiting = Message.objects.filter(channel="mail", sent_at=None)
            until(lambda: not waiting.exists(), "all messages to be sent", seconds=90)
        postbox.shutdown()
    ids = Counter(letter["Message-ID"] for letter in postbox.taken)
    messages = Message.objects.filter(channel="mail", made_at__lte=HandrailNow())
    assert len(ids) == messages.count() == 2 * KILLS * EACH
    again = sum(ids.values()) - len(ids)
    print(f"{len(ids)} messages, {KILLS} kills, {again} came again under the same id")
    assert again <= KILLS
