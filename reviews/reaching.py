"""The tables of reaching people and other systems: what they are told, over which way, and what came of it."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.clock_time import HandrailNow
from audit.models import User
from orchestration.models.catalog import Signed
from orchestration.states import CONNECTION_MOVES, ConnectionStatus


class Kind(models.TextChoices):
    """What somebody can be told."""

    ASKED = "asked", _("Something waits for your group")
    ASSIGNED = "assigned", _("Something was given to you")
    REMINDED = "reminded", _("Something of yours is due soon")
    ESCALATED = "escalated", _("Something late came to you")
    MENTIONED = "mentioned", _("Somebody mentioned you")
    DECIDED = "decided", _("Something of yours was decided")
    LAPSED = "lapsed", _("Something of yours lapsed")
    NOBODY = "nobody", _("Nobody can decide something of yours")
    STOPPED = "stopped", _("A webhook of yours was switched off")


TO_DECIDE = frozenset({Kind.ASKED, Kind.ASSIGNED, Kind.REMINDED, Kind.ESCALATED})
OUTSIDE = (Kind.ASKED, Kind.REMINDED, Kind.ESCALATED, Kind.DECIDED, Kind.LAPSED)  # that webhooks may be sent


class Channel(models.TextChoices):
    """How somebody is told."""

    MAIL = "mail", _("E-mail")
    BROWSER = "browser", _("Browser, while a page is open")
    CHAT = "chat", _("Chat")


class Told(models.Model):
    """Something that people and other systems are to be told, written with what it is about. The clock spreads it.

    `users` are ids; None: all who may decide the review when it is spread. `about` tells two of one kind apart.
    """

    review = models.ForeignKey("reviews.Review", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=80)
    users = models.JSONField(null=True)
    words = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=HandrailNow())
    due = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["due", "id"], name="told_due")]


class Message(models.Model):
    """One message to one person: what was due at one moment, gathered. Tried until it is sent, or given up."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField(db_default=HandrailNow())
    due = models.DateTimeField(db_default=HandrailNow())
    tries = models.PositiveSmallIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "due", "id"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="message_waiting",
            ),
            models.Index(fields=["user", "-id"], name="message_user"),
            models.Index(fields=["-id"], condition=Q(given_up_at__isnull=False), name="message_given_up"),
        ]


class Notice(models.Model):
    """What one person is told over one channel: once for each thing. `due` is when it may be sent at the earliest."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    review = models.ForeignKey("reviews.Review", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=80)
    words = models.JSONField(default=dict)
    channel = models.CharField(max_length=8, choices=Channel)
    told_at = models.DateTimeField(db_default=HandrailNow())
    due = models.DateTimeField()
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="notices")
    dropped_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "review", "kind", "about", "channel"], name="notice_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due", "id"], condition=Q(message__isnull=True, dropped_at__isnull=True), name="notice_due"
            ),
            models.Index(
                fields=["user", "channel", "kind"],
                condition=Q(message__isnull=True, dropped_at__isnull=True),
                name="notice_waiting",
            ),
            models.Index(fields=["told_at"], name="notice_told"),
        ]


class NoticeChoices(models.Model):
    """How a person wants to be told. `ways` holds what differs from the usual: by kind and channel."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="notice_choices")
    ways = models.JSONField(default=dict)
    digest_at = models.PositiveSmallIntegerField(null=True)  # minutes after midnight; None: every hour
    quiet_from = models.PositiveSmallIntegerField(null=True)  # minutes after midnight, both or none
    quiet_to = models.PositiveSmallIntegerField(null=True)
    urgent_passes = models.BooleanField(default=False)
    zone = models.CharField(max_length=60, blank=True)

    class Meta:
        default_permissions = ()


class Chat(models.Model):
    """Where somebody is reached in a chat: `closed` is an address of apprise, encrypted; or a `bot` of the house."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="chat")
    service = models.CharField(max_length=40)
    closed = models.TextField(blank=True)
    bot = models.CharField(max_length=60, blank=True)
    target = models.CharField(max_length=100, blank=True)
    changed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()


class Link(models.Model):
    """A link in a message: for one person, one review and one purpose, to an end. Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=10, default="decide")
    made_at = models.DateTimeField(db_default=HandrailNow())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["review"], name="link_review"),
            models.Index(fields=["expires_at"], name="link_end"),
        ]


class Hook(Signed):
    """Another system that is told what becomes of reviews. `private`: its address may lie inside the house.

    `titles`: they go along, as far as the workflow allows it. Messages are signed with `key`, and with the one
    before it while that is still good; both are kept encrypted. `failures` counts those since one went well.
    """

    MOVES: ClassVar[Any] = CONNECTION_MOVES
    DECIDING: ClassVar[tuple[str, ...]] = ("address", "private", "kinds", "titles")

    secret: Any = None
    status = models.CharField(max_length=10, choices=ConnectionStatus, default=ConnectionStatus.PROPOSED)
    address = models.CharField(max_length=300)
    private = models.BooleanField(default=False)
    kinds = ArrayField(models.CharField(max_length=10), default=list)
    titles = models.BooleanField(default=False)
    key = models.TextField()
    old_key = models.TextField(blank=True)
    old_key_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)  # after a failure nothing is sent to it for a while

    class Meta(Signed.Meta):
        default_permissions = ()


class HookDelivery(models.Model):
    """One thing that a hook is told: the bytes that are signed and sent, until it is taken or given up."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=80)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    body = models.TextField()
    made_at = models.DateTimeField(db_default=HandrailNow())
    due = models.DateTimeField(db_default=HandrailNow())
    tries = models.PositiveSmallIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hook", "review", "kind", "about"], name="hook_told_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due", "id"], condition=Q(done_at__isnull=True, given_up_at__isnull=True), name="hook_waiting"
            ),
            models.Index(fields=["hook", "-id"], name="hook_newest"),
        ]


class HookAttempt(models.Model):
    """One time that it was tried: what was answered, or why nothing was."""

    delivery = models.ForeignKey(HookDelivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(db_default=HandrailNow())
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
