"""The live nudge: what moved, as ids only. The page fetches again what it may see.

Rows are the truth; a lost nudge costs time, never correctness.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from audit import sight, writing
from audit.accounts import required
from audit.models import User
from audit.sealer import Sealed, head
from audit.writing import Watch

SIGNED_OUT, NOT_ALLOWED = 4401, 4403
EVERYONE, RECORD = "everyone", "record"
MOVED = "ledger.moved"
ACCESS = frozenset({"grant", "group"})  # kinds after which every open page asks again what it may see
PUBLIC = frozenset({"brake"})  # kinds that every open page hears of
NAMED = frozenset({"review"})  # kinds of which a page hears what became of which, so that it need not ask
# Which of them are over is told, and not how: every page hears it, also that of somebody who may not know it yet.
GONE = "gone"
OVER = frozenset({"approved", "rejected", "sent_back", "lapsed", "seconded", "withdrawn", "second_decided"})
REST = 0.3  # seconds between two messages to the same page, where much moves

logger = logging.getLogger(__name__)


class Nudges:
    """What moved since open pages were last told: at once where all was quiet, and now and then where much moves.

    Each message costs every open page a little, so that many are gathered into one.
    """

    def __init__(self) -> None:
        self.head = -1
        self.groups: dict[str, dict[str, set[Any]]] = {}
        self.access = False
        self.told = float("-inf")

    def take(self, sealed: Sealed) -> None:
        """Keep what a seal numbered until pages are told."""
        self.head = sealed.head
        for run, workflow, kind, about in sealed.events:
            family, _, happened = kind.partition(".")
            own = {f"workflow.{workflow}"} if workflow else set()
            public = {EVERYONE} if family in PUBLIC else set()
            for group in {RECORD, *own, *public}:
                moved = self.groups.setdefault(group, defaultdict(set))
                moved["kinds"].add(family)
                moved["runs"] |= {run} if run else set()
                moved["workflows"] |= {workflow} if workflow else set()
                if family in NAMED and about.isdecimal():
                    moved[f"{family}s"].add((GONE if happened in OVER else happened, int(about)))
            self.access = self.access or family in ACCESS

    @property
    def due_in(self) -> float:
        """Seconds until pages are told, where there is something to tell; else as long as one likes."""
        return max(0.0, self.told + REST - time.monotonic()) if self.groups or self.access else float("inf")

    def messages(self) -> list[tuple[str, dict[str, Any]]]:
        """What is to be told to whom; from then on it counts as told."""
        found = [(group, _message(self.head, moved)) for group, moved in self.groups.items()]
        if self.access:
            found.append((EVERYONE, {"type": "access.changed"}))
        self.groups, self.access, self.told = {}, False, time.monotonic()
        return found


def _message(leaf: int, moved: dict[str, set[Any]]) -> dict[str, Any]:
    ids = {name: sorted(moved[name]) for name in ("runs", "workflows", "kinds")}
    by_name: dict[str, list[int]] = {}
    for happened, pk in sorted(moved["reviews"]):
        by_name.setdefault(happened, []).append(pk)
    return {"type": MOVED, "leaf": leaf, **ids, **({"reviews": by_name} if by_name else {})}


nudges = Nudges()


def announce(sealed: Sealed) -> None:
    """Tell every open page which workflows, runs and reviews moved, up to which leaf: now, or with what follows."""
    nudges.take(sealed)
    catch_up()


def catch_up() -> None:
    """Tell what is still to be told, if it is time."""
    if nudges.due_in <= 0:
        _loop().run(_send_all(nudges.messages()))


def dismiss(user_id: int, *, session: str = "", but: str = "") -> None:
    """Close the sockets of somebody who was disabled or lost their password, `but` for those of one session.

    `session`: of that one alone, which was signed out or ended. Keys of sessions are told as their hash.
    """
    _send(f"user.{user_id}", {"type": "session.ended", "only": _hashed(session), "but": _hashed(but)})


def _hashed(key: str | None) -> str:
    return hashlib.sha256(key.encode()).hexdigest() if key else ""


def call(user_id: int) -> None:
    """Let somebody's open pages ask what there is to tell them."""
    _send(f"user.{user_id}", {"type": "notice.came"})


@lru_cache(maxsize=1)
def _loop() -> asyncio.Runner:
    """The clock's one loop: with a new one each time, each message would open a connection of its own."""
    return asyncio.Runner()


async def _send_all(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    try:
        for group, message in messages:
            await layer.group_send(group, _encoded(message))
    except (OSError, RuntimeError, RedisError):
        logger.warning("The channel layer is away: pages will ask again by themselves.")


def _encoded(message: dict[str, Any]) -> dict[str, Any]:
    """What moved, as the text that every open page gets: written once, and not once for each of them."""
    if message["type"] != MOVED:
        return message
    told = {name: value for name, value in message.items() if name != "type"}
    return {"type": MOVED, "text": json.dumps(told)}


def _send(group: str, message: dict[str, Any]) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(group, message)
    except (OSError, RuntimeError, RedisError):
        logger.warning("The channel layer is away: pages will ask again by themselves.")


class LiveConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One open page. It listens; it never takes a decision."""

    groups_joined: frozenset[str] = frozenset()
    watch: Watch | None = None  # at what this person looks on, while it is written

    async def connect(self) -> None:
        """Accept a signed-in person and join the groups of what they may see."""
        await self.accept()
        self.user: User = self.scope["user"]
        if not self.user.is_authenticated or await database_sync_to_async(self._held_back)():
            await self.close(SIGNED_OUT)
            return
        await self._join()

    def _held_back(self) -> bool:
        """Whether a second factor is asked of this person that this session has not shown."""
        return required.lacks(self.scope["session"], self.user)

    async def _join(self) -> None:
        wanted = frozenset(await database_sync_to_async(_groups)(self.user.pk))
        if not wanted:
            await self.close(NOT_ALLOWED)
            return
        for group in wanted - self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        for group in self.groups_joined - wanted:
            await self.channel_layer.group_discard(group, self.channel_name)
        self.groups_joined = wanted
        await self.send_json({"hello": True, "leaf": await database_sync_to_async(head)()})

    async def _look_on(self, brought: str) -> None:
        """Hand on what is written in the steps that a page has a pass for, if it is this person's and holds still."""
        watch = Watch.of(brought)
        if watch is None or watch.user != self.user.pk or f"workflow.{watch.workflow}" not in self.groups_joined:
            return
        await self._look_away()
        self.watch = watch
        await self.channel_layer.group_add(writing.group(watch.run), self.channel_name)
        await watch.stay()

    async def _look_away(self) -> None:
        if self.watch is not None:
            await self.channel_layer.group_discard(writing.group(self.watch.run), self.channel_name)
        self.watch = None

    async def disconnect(self, code: int) -> None:
        """Leave every group."""
        with contextlib.suppress(OSError):
            await self._look_away()
            for group in self.groups_joined:
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """A page may say that it is there, and the answer says the same; or hand in a pass to look on."""
        if text_data and len(text_data) <= 64 and "ping" in text_data:
            if self.watch is not None:
                await self.watch.stay()
            await self.send_json({"pong": True})
        elif text_data and (brought := writing.handed_in(text_data)) is not None:
            await self._look_on(brought)
        else:
            await self.close(1009)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """A nudge asks no database, so that nothing has to be looked after in a thread before it is passed on."""
        if message["type"] == MOVED:
            await self.ledger_moved(message)
        else:
            await super().dispatch(message)

    async def ledger_moved(self, message: dict[str, Any]) -> None:
        """Pass a nudge on."""
        await self.send(text_data=message["text"])

    async def access_changed(self, message: dict[str, Any]) -> None:
        """Somebody's rights changed: ask again what this person may see. The page asks again too, for a new pass."""
        await self._look_away()
        await self._join()

    async def notice_came(self, message: dict[str, Any]) -> None:
        """There is something to tell this person: the page asks what."""
        await self.send_json({"notice": True})

    async def text_grew(self, message: dict[str, Any]) -> None:
        """Pass on what a model has written until now, of a step that this person may read."""
        watch = self.watch
        if watch is not None and watch.run == message["run"] and message["step"] in watch.steps:
            await self.send_json({"writing": {"of": message["of"], "text": message["text"]}})

    async def session_ended(self, message: dict[str, Any]) -> None:
        """This person is signed out: everywhere, or where it is said."""
        mine = _hashed(self.scope["session"].session_key)
        only, but = message.get("only", ""), message.get("but", "")
        if (not only or only == mine) and (not but or but != mine):
            await self.close(SIGNED_OUT)


def _groups(user_id: int) -> Iterable[str]:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return []
    groups = [EVERYONE, f"user.{user.pk}", *(f"workflow.{pk}" for pk in sight.workflows_seen_by(user))]
    return [*groups, RECORD] if user.has_perm("audit.view_record") else groups
