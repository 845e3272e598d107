"""Agents that have a name, and what agents did: the turns of their talks. The calls they asked for are step runs."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from audit import guards
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models.runs import StepRun
from orchestration.states import AGENT_MOVES, AgentStatus

guards.append_only("orchestration_agentturn")
guards.append_only("orchestration_agentversion")


class Agent(models.Model):
    """An agent that steps use by its name, with somebody who answers for it.

    `source` is the text that people work on. It becomes a version, and may be used, once a second person has signed it;
    `current` is the newest of these.
    """

    MOVES: ClassVar[Any] = AGENT_MOVES

    name = models.SlugField(unique=True, max_length=60)
    title = models.CharField(max_length=120)
    purpose = models.TextField()
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=AgentStatus, default=AgentStatus.PROPOSED)
    current = models.ForeignKey("AgentVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.TextField(blank=True)
    edited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=AgentStatus.values), name="agent_status_known"),
            models.CheckConstraint(condition=Q(status="proposed") | Q(current__isnull=False), name="agent_signed"),
        ]

    def __str__(self) -> str:
        return self.title

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.name})


class AgentVersion(models.Model):
    """What one person drew up of an agent and another one signed. It never changes."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="From 1.")
    source = models.TextField()
    document = models.JSONField()
    hash = models.CharField(max_length=64, help_text="Of the document.")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["agent", "number"], name="agent_version_number")]

    def __str__(self) -> str:
        return f"{self.agent}, version {self.number}"


class AgentTurn(models.Model):
    """One answer of the model to an agent's talk, and the calls that it asks for. It is never changed.

    `message` is what the model said, as a provider wants it back. `calls` has one entry for each call, in the model's
    order: id, name, arguments, and the number of its step run among those of the agent (`part`), or why it is none
    (`error`).
    """

    step_run = models.ForeignKey(StepRun, db_index=False, on_delete=models.PROTECT, related_name="turns")
    number = models.PositiveIntegerField(help_text="From 1.")
    fence = models.PositiveIntegerField(help_text="Of the try that asked the model.")
    model = models.CharField(max_length=120, blank=True)
    message = models.JSONField()
    calls = models.JSONField()
    at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["step_run", "number"], name="turn_number")]

    def __str__(self) -> str:
        return f"{self.step_run}, turn {self.number}"
