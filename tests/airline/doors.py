"""The customer and the reviewer at the doors of the inbox, over HTTP, each at several browsers at once."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import httpx

from audit.models import User
from tests.cast import PASSWORD
from tests.visitor import Visitor

TAKEN = 303
ANSWER, OVER = "answer", "over"


@dataclass(frozen=True)
class Item:
    """An open item of the inbox as it is shown: its id, version and hash, its fields, and the tool to be called."""

    pk: int
    version: int
    shown_hash: str
    arguments: dict[str, Any]
    tool: str

    @property
    def page(self) -> str:
        """Its page."""
        return f"/inbox/{self.pk}/"


class Doors:
    """Browsers at which somebody is signed in, lent to one thread at a time."""

    def __init__(self, visitors: list[Visitor]) -> None:
        self._free: SimpleQueue[tuple[Visitor, str]] = SimpleQueue()
        for visitor in visitors:
            self._free.put((visitor, ""))

    @contextmanager
    def _lent(self, item: Item) -> Iterator[tuple[Visitor, str]]:
        """One of them, with the token that its forms carry: the same on every page until it signs out."""
        visitor, token = self._free.get()
        try:
            token = token or visitor.form(item.page, f"{item.page}decide/").fields["csrfmiddlewaretoken"]
            yield visitor, token
        finally:
            self._free.put((visitor, token))

    def answer(self, item: Item, words: str, *, over: bool) -> httpx.Response:
        """Fill in what an agent asked for, and send it. What comes back; 303 where it was taken."""
        given = {**item.arguments, ANSWER: words, OVER: over}
        fields = {
            f"arg.{name}": value if isinstance(value, str) else json.dumps(value) for name, value in given.items()
        }
        with self._lent(item) as (visitor, token):
            fields |= {"csrfmiddlewaretoken": token, "version": str(item.version), "shown_hash": item.shown_hash}
            kept = visitor.post(f"{item.page}draft/", data=fields)
            if kept.status_code != TAKEN:
                return kept
            return visitor.post(f"{item.page}decide/", data={**fields, "verdict": "approved"})

    def decide(self, item: Item, *, approved: bool, why: str) -> httpx.Response:
        """Open the page, and approve or reject what it shows; nothing, where it shows something else than the item."""
        with self._lent(item) as (visitor, _):
            form = visitor.form(item.page, f"{item.page}decide/")
            if form.fields["shown_hash"] != item.shown_hash:
                raise AssertionError(f"The page of review {item.pk} shows something else.")
            verdict = "approved" if approved else "rejected"
            return visitor.post(form.action, data={**form.fields, "verdict": verdict, "reason": why})


@contextmanager
def opened(address: str, user: User, browsers: int) -> Iterator[Doors]:
    """Somebody signed in at so many browsers, as long as the block."""
    with ExitStack() as stack:
        visitors = [stack.enter_context(Visitor(address)) for _ in range(browsers)]
        yield Doors([visitor.sign_in(user.username, PASSWORD) for visitor in visitors])
