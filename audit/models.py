"""The tables of the ledger, of people, of what they propose, and of the workspace's settings.

The ledger's rows hold no foreign keys: a cascade would need the UPDATE or DELETE that the database refuses.
"""

import json
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from audit import hot
from audit.account_models import Cached as Cached
from audit.account_models import Invitation as Invitation
from audit.account_models import Preferences as Preferences
from audit.clock_time import HandrailNow
from audit.places import Place
from audit.proof_models import Anchor as Anchor
from audit.proof_models import Checkpoint as Checkpoint
from audit.proof_models import Tile as Tile
from audit.states import BY_THE_SECOND, PROPOSAL_MOVES, ProposalStatus

# The groups of somebody by their names: every page asks.
GROUPS = """
SELECT g.id, g.name FROM auth_group g JOIN audit_user_groups m ON m.group_id = g.id
WHERE m.user_id = %s::bigint ORDER BY g.name
"""


class User(AbstractUser):
    """A person who can sign in. Whom they report to, and what they are good at, is said by those who run the house."""

    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    skills = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(manager=None) | ~Q(manager=F("id")), name="user_not_own_manager"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def group_names(self) -> dict[int, str]:
        """The names of one's groups by id: for lists, asked once for each `User` in memory."""
        return dict(hot.rows(GROUPS, [self.pk]))

    @property
    def initials(self) -> str:
        """Two letters for a small round picture."""
        names = str(self).split()
        return (names[0][:1] + (names[-1][:1] if len(names) > 1 else names[0][1:2])).upper()


class Event(models.Model):
    """One entry of the ledger. Never changed, never removed; the final form of the row.

    `body` is canonical JSON (RFC 8785) as text. What is personal stands in `Personal`, and only its salted
    SHA-256 stands here, so that it can be erased while the proof holds.
    """

    event_id = models.UUIDField(unique=True)
    schema = models.PositiveSmallIntegerField()
    kind = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    on_behalf_of_kind = models.TextField()
    on_behalf_of_id = models.TextField()
    auth = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    object_version = models.IntegerField()
    run_id = models.BigIntegerField(null=True)
    workflow_id = models.BigIntegerField(null=True)
    content_hash = models.TextField()
    personal_hash = models.TextField()
    occurred_at = models.DateTimeField(db_default=HandrailNow())
    body = models.TextField()
    body_hash = models.TextField()

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [
            ("view_record", "May read the record of everything"),
            ("export_record", "May take the record away as a file"),
            ("view_report", "May read the reports"),
            ("change_choices", "May change the settings of the workspace"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id", "id"], name="event_object"),
            models.Index(fields=["run_id", "id"], name="event_run"),
            models.Index(fields=["kind", "occurred_at"], name="event_kind"),
            models.Index(fields=["workflow_id", "id"], name="event_workflow"),
            models.Index(fields=["actor_kind", "actor_id", "id"], name="event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"

    @property
    def data(self) -> dict[str, Any]:
        """The body as Python values."""
        return dict(json.loads(self.body))

    @property
    def about(self) -> dict[str, Any]:
        """The personal part, or nothing when it was erased or never was."""
        part = getattr(self, "personal", None)
        return dict(json.loads(part.data)) if part else {}


class Personal(models.Model):
    """What an event holds about people: erasable. The event keeps SHA-256(salt || data)."""

    event = models.OneToOneField(
        Event, primary_key=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="personal"
    )
    salt = models.BinaryField()
    data = models.TextField()

    class Meta:
        default_permissions = ()


class Exhibit(models.Model):
    """Something seen or done, kept once an act: erasable. Others point to its `commitment`, SHA-256(salt || bytes)."""

    commitment = models.TextField(unique=True)
    salt = models.BinaryField()
    media_type = models.TextField()
    content = models.BinaryField()

    class Meta:
        default_permissions = ()


class Pending(models.Model):
    """An event that has no leaf number yet. The only rows of the ledger that go in normal running."""

    event = models.OneToOneField(Event, primary_key=True, db_constraint=False, on_delete=models.DO_NOTHING)

    class Meta:
        default_permissions = ()


class Leaf(models.Model):
    """An event's place in the record: gap-free, given by the sealer, with SHA-256(0x00 || canonical event)."""

    leaf_index = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, db_constraint=False, on_delete=models.DO_NOTHING, related_name="leaf")
    leaf_hash = models.BinaryField()

    class Meta:
        default_permissions = ()


class Setting(models.Model):
    """One choice of the workspace, as JSON. Changed only through `audit.choices`."""

    key = models.TextField(primary_key=True)
    value = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"


class Proposal(models.Model):
    """An act that waits for a second person. What is signed is the content that has this hash, and nothing else.

    `told` says in one sentence what is proposed and `facts`, pairs of a name and a text, what the signer has to know;
    `labels` are those of its entries in the ledger. `signer` is the second person, who signed it or refused it.
    """

    MOVES = PROPOSAL_MOVES

    act = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=120)
    workflow_id = models.BigIntegerField(null=True)
    labels = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    told = models.TextField()
    facts = models.JSONField(default=list)
    proposer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=HandrailNow())
    until = models.DateTimeField()
    signer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=ProposalStatus, default=ProposalStatus.OPEN)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(signer=None) | ~Q(signer=F("proposer")), name="proposal_two_people"),
            models.CheckConstraint(
                condition=Q(status__in=BY_THE_SECOND, signer__isnull=False)
                | (~Q(status__in=BY_THE_SECOND) & Q(signer__isnull=True)),
                name="proposal_signer",
            ),
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.OPEN, closed_at=None)
                | (~Q(status=ProposalStatus.OPEN) & Q(closed_at__isnull=False)),
                name="proposal_closed",
            ),
            models.UniqueConstraint(
                fields=["act", "object_type", "object_id"],
                condition=Q(status=ProposalStatus.OPEN),
                name="proposal_open_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["until"], condition=Q(status=ProposalStatus.OPEN), name="proposal_until"),
            models.Index(fields=["workflow_id", "id"], name="proposal_workflow"),
            models.Index(fields=["proposer", "id"], name="proposal_proposer"),
        ]

    def __str__(self) -> str:
        return self.told

    @property
    def is_open(self) -> bool:
        """Whether it still waits for the second person."""
        return self.status == ProposalStatus.OPEN

    def ledger_place(self) -> Place:
        """Where its events belong, by what they are about."""
        about = {"act": self.act, "of": f"{self.object_type}:{self.object_id}", "proposer": self.proposer_id}
        return Place(workflow_id=self.workflow_id, labels={**self.labels, **about})
