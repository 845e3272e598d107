"""One world for all pages, in one transaction: made in English by this process, shown in the language nobody speaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings

from audit.models import Event, User
from orchestration import providers
from reviews import decisions
from reviews.models import Review
from tests import cast as people
from tests.cast import Cast, carry_out_all
from tests.e2e import asking, drawn
from tests.e2e.pages import Shown
from tests.fakes import FakeModels
from tests.languages import pseudo


@contextmanager
def standing() -> Iterator[Shown]:
    """What the pages of the browser's tests show, made without workers; nothing of it is ever committed."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(providers, "get", FakeModels().get)
        for module in (drawn, asking):
            patch.setattr(module, "until", lambda *_: carry_out_all())
        yield _assemble(people.assemble())
        transaction.set_rollback(True)


def _assemble(cast: Cast) -> Shown:
    """An item that waits, one that was decided with an edit and sent, and runs of every kind of step."""
    opened, decided = cast.waiting(), cast.waiting()
    decision = decisions.decide(
        decided.pk,
        by=cast.rita,
        verdict="approved",
        version=decided.version,
        shown_hash=decided.content_hash,
        arguments={**decided.arguments, "subject": "Your card payment is on its way"},
        reason="Shorter.",
    )
    carry_out_all()
    event = Event.objects.get(event_id=decision.receipt)
    return Shown(opened, Review.objects.get(pk=decided.pk), event, drawn.draw(cast), cast)


@contextmanager
def spoken(folder: Path) -> Iterator[None]:
    """Pages can be asked for in the language nobody speaks."""
    languages = [*settings.LANGUAGES, (pseudo.CODE, "Ýýéét")]
    with override_settings(LANGUAGES=languages, LOCALE_PATHS=[pseudo.compile_into(folder), *settings.LOCALE_PATHS]):
        yield


def window(login: str) -> Client:
    """A browser that asks for that language, of a person who is signed in, or of nobody."""
    client = Client(headers={"accept-language": pseudo.CODE})
    if login:
        client.force_login(User.objects.get(username=login))
    return client
