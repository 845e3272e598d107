"""The tables of accounts: who was invited, and what each person set for themselves."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from audit.clock_time import HandrailNow
from audit.places import Place
from audit.states import INVITATION_MOVES, InvitationStatus


class Preferences(models.Model):
    """What one person set for themselves; "" is as the browser says. `keys`: other keys by those that pages name."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="preferences"
    )
    theme = models.CharField(max_length=5, blank=True)
    language = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    keys_on = models.BooleanField(default=True)
    keys = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()


class Invitation(models.Model):
    """Somebody who was asked to come in, by a link of which only the hash is kept. `user` is who they became."""

    MOVES = INVITATION_MOVES

    login = models.CharField(max_length=150)
    name = models.CharField(max_length=300)
    email = models.EmailField()
    groups = models.ManyToManyField(Group, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(db_default=HandrailNow())
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=InvitationStatus, default=InvitationStatus.OPEN)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(
                fields=["closed_at"], condition=Q(status=InvitationStatus.ACCEPTED), name="invitation_accepted"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("login"), condition=Q(status=InvitationStatus.OPEN), name="invitation_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status=InvitationStatus.ACCEPTED, user__isnull=False)
                | (~Q(status=InvitationStatus.ACCEPTED) & Q(user__isnull=True)),
                name="invitation_user",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether nobody took it or withdrew it; its time may be over all the same."""
        return self.status == InvitationStatus.OPEN

    def ledger_place(self) -> Place:
        """It belongs to no run and no workflow."""
        return Place()


class Cached(models.Model):
    """Django's cache: what was tried how often, which codes were used. In the shape that its database backend wants."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
