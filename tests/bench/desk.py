"""The desk under load: many reviewers with the inbox open, and so many decisions a second by some of them.

Web, clock and a worker are real processes, and so are sockets and requests. Each reviewer here does what the page does
(static/js/inbox.js): what was decided leaves the list by its number; a list that grows short asks for the rows behind
its last one, and the counts are asked for again, at the same intervals; who decides has the next item brought ahead.
What is told of an item is timed from the moment at which its decision is sent to the moment at which another page knows
of it.
"""

import asyncio
import itertools
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect

from audit.models import User
from reviews.models import Review
from tests.bench.cpu import family, spent
from tests.bench.figures import Figure, Sizes
from tests.bench.inbox import crowded
from tests.cast import Cast
from tests.processes import free_port, manage, web_on

BADGES, HUNGRY, FEW, LASTS, MOST = 20.0, 4.0, 8, 4, 400  # as in static/js
SETTLE = 3.0  # seconds


@dataclass
class Load:
    """How many look on, and how much is decided."""

    reviewers: int = 200
    rate: float = 20.0  # decisions a second
    seconds: float = 30.0


@dataclass
class Seen:
    """What was seen: when each decision was sent, and how long other pages took to know of it."""

    sent: dict[int, float] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)


@dataclass
class Page:
    """One reviewer's open inbox."""

    number: int
    http: httpx.AsyncClient
    cookie: str
    seen: Seen
    rows: set[int] = field(default_factory=set)
    older: str = ""
    went: int = 0
    asked: float = 0.0
    counted: float = 0.0
    waiting: bool = False

    async def get(self, name: str, path: str, target: str = "") -> httpx.Response:
        """One request of the page."""
        self.seen.requests[name] += 1
        headers = {"Cookie": self.cookie, "HX-Request": "true", "HX-Target": target}
        answer = await self.http.get(path, headers=headers)
        self.seen.answers[answer.status_code] += 1
        return answer

    async def listen(self, socket: ClientConnection) -> None:
        """Hear what moved, and do what the page does."""
        async for text in socket:
            told = json.loads(text)
            moment = time.perf_counter()
            gone = told.get("reviews", {}).get("gone", [])
            for pk in gone:
                if (sent := self.seen.sent.get(pk)) is not None:
                    self.seen.waits.append(moment - sent)
            self.rows.difference_update(gone)
            self.went += len(gone)
            if "kinds" in told:
                self._ask_again(moment)

    def _ask_again(self, moment: float) -> None:
        if moment - self.counted > BADGES:
            self.counted = moment
            asyncio.get_running_loop().create_task(self.get("counts", "/nav/"))
        if len(self.rows) < FEW and self.older and not self.waiting:
            self.waiting = True
            rest = HUNGRY * (1 + random.random() / 3)
            delay = max(0.0, self.asked + rest - moment)
            asyncio.get_running_loop().call_later(delay, self._ask)

    def _ask(self) -> None:
        self.asked, self.waiting = time.perf_counter(), False
        asyncio.get_running_loop().create_task(self.further())

    async def fill(self) -> None:
        """The list anew."""
        answer = await self.get("list", "/inbox/", "queue")
        self._take(answer.text, answer.text.partition('id="page-after"')[2].partition('href="/inbox/')[2])

    async def further(self) -> None:
        """The rows behind those of the list."""
        wanted, self.went = min(MOST, self.went * LASTS), 0
        answer = await self.get("further", f"/inbox/further/{self.older}&some={wanted}")
        self._take(answer.text, answer.text.partition('data-older="')[2])

    def _take(self, text: str, older: str) -> None:
        self.rows |= {int(part.partition('"')[0]) for part in text.split('data-review="')[1:]}
        self.older = older.partition('"')[0].replace("&amp;", "&")

    async def decide(self, pk: int, form: dict[str, str], token: str) -> None:
        """Decide an item as the page does, and have the next one brought."""
        self.seen.requests["decision"] += 1
        headers = {"Cookie": f"{self.cookie}; {token}", "HX-Target": "decided"}
        self.seen.sent[pk] = began = time.perf_counter()
        answer = await self.http.post(f"/inbox/{pk}/decide/", data=form, headers=headers)
        self.seen.decided.append(time.perf_counter() - began)
        self.seen.answers[answer.status_code] += 1
        await self.get("item", f"/inbox/{form['ahead']}/", "item")


def desk(sizes: Sizes) -> list[Figure]:
    """How long an open inbox takes to know of a decision, and what web takes for it."""
    load = Load() if sizes.decisions > 10 else Load(reviewers=8, rate=4, seconds=2)
    with crowded(sizes.waiting) as cast:
        return measured(cast, load)


def measured(cast: Cast, load: Load) -> list[Figure]:
    """The same on a crowd that stands."""
    items = list(Review.objects.open_for(cast.rita).in_order()[: int(load.rate * load.seconds) + 1])
    with _standing() as (address, pid):
        cookies = _signed_in(_reviewers(cast, load.reviewers), address)
        seen = Seen()
        began, processes = time.perf_counter(), family([pid])
        seconds = asyncio.run(_driven(address, cookies, items, load, seen, lambda: spent(processes)))
    waits = sorted(seen.waits)
    told = [waits[int(len(waits) * share)] * 1000 for share in (0.5, 0.95)]
    heard = len(waits) / (len(seen.sent) * load.reviewers)
    decided = sorted(seen.decided)
    figures: list[Figure] = [
        ("desk_told", told[0], "ms"),
        ("desk_told_p95", told[1], "ms"),
        ("desk_told_share", heard * 100, "% of pages"),
        ("desk_decision", statistics.median(decided) * 1000, "ms"),
        ("desk_decision_p95", decided[int(len(decided) * 0.95)] * 1000, "ms"),
        ("desk_web", seconds, "cores"),
        ("desk_rate", load.rate, "decisions/s"),
        ("desk_refused", float(sum(n for code, n in seen.answers.items() if code >= 400)), "answers"),
        ("desk_took", time.perf_counter() - began, "s"),
    ]
    return [*figures, *((f"desk_{name}", count / load.seconds, "requests/s") for name, count in seen.requests.items())]


@contextmanager
def _standing() -> Iterator[tuple[str, int]]:
    """Web, clock and a worker."""
    port = free_port()
    with manage("clock"), manage("worker", "--number", "1"), web_on(port) as process:
        yield f"http://127.0.0.1:{port}", process.pid


def _reviewers(cast: Cast, count: int) -> list[User]:
    made = User.objects.bulk_create(
        User(username=f"reviewer-{number}", first_name=f"Reviewer {number}") for number in range(count)
    )
    cast.groups["reviewer"].user_set.add(*made)
    return made


def _signed_in(users: list[User], address: str) -> list[str]:
    port, made = address.rpartition(":")[2], []
    for user in users:
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user)
        made.append(f"handrail_session_{port}={client.session.session_key}")
    return made


async def _driven(address: str, cookies: list[str], items: list[Review], load: Load, seen: Seen, cpu: Any) -> float:
    """Everybody looks on, some decide; cores that web took meanwhile."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=address, timeout=httpx.Timeout(60, pool=None), limits=limits) as http:
        pages = [Page(number, http, cookie, seen) for number, cookie in enumerate(cookies)]
        sockets = await _opened(address, pages)
        listening = [asyncio.create_task(page.listen(socket)) for page, socket in zip(pages, sockets, strict=True)]
        for page in pages:
            await page.fill()
        await asyncio.sleep(SETTLE)
        seen.requests.clear()
        token, cookie = await _token(pages[0])
        before, began = cpu(), time.perf_counter()
        await _decisions(pages, items, load, token, cookie)
        await asyncio.sleep(max(0.0, began + load.seconds - time.perf_counter()))
        cores = (cpu() - before) / (time.perf_counter() - began)
        await asyncio.sleep(SETTLE)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, *(socket.close() for socket in sockets), return_exceptions=True)
    return float(cores)


async def _opened(address: str, pages: list[Page]) -> list[ClientConnection]:
    url = f"{address.replace('http', 'ws')}/ws/live/"
    made = []
    for page in pages:
        made.append(await connect(url, additional_headers={"Cookie": page.cookie}, origin=address))  # type: ignore[arg-type]
    return made


async def _token(page: Page) -> tuple[str, str]:
    answer = await page.http.get("/inbox/", headers={"Cookie": page.cookie})
    token = answer.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    name, value = next((name, value) for name, value in answer.cookies.items() if "csrf" in name)
    return token, f"{name}={value}"


async def _decisions(pages: list[Page], items: list[Review], load: Load, token: str, cookie: str) -> None:
    """One at each tick, by one reviewer after the other, on one item after the other."""
    began, tasks = time.perf_counter(), []
    for number, (review, following) in enumerate(itertools.pairwise(items)):
        await asyncio.sleep(max(0.0, began + number / load.rate - time.perf_counter()))
        form = {
            "csrfmiddlewaretoken": token,
            "verdict": "approved",
            "version": str(review.version),
            "shown_hash": review.content_hash,
            "next": "on",
            "ahead": str(following.pk),
        }
        page = pages[number % len(pages)]
        tasks.append(asyncio.create_task(page.decide(review.pk, form, cookie)))
    await asyncio.gather(*tasks)
