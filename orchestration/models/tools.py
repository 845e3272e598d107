"""Tools that steps may call, the connections that they are behind, and who may use which."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from orchestration.models.catalog import FILE, KEPT, REFERENCE, UNCONNECTED, Signed, refuse_keys
from orchestration.models.definitions import Workflow
from orchestration.states import (
    CONNECTION_MOVES,
    TOOL_MOVES,
    ConnectionStatus,
    Repeatability,
    ToolEffect,
    ToolKind,
    ToolStatus,
)

USE = "use_tool"
SECRET_NAMED = Q(secret="") | Q(secret__regex=REFERENCE) | Q(secret__regex=FILE) | Q(secret__regex=KEPT)


class Connection(Signed):
    """How tools of another system are reached. `private`: its address may lie inside the house.

    `headers` go with every call: each has a `name`, and a `value` or a reference to a `secret`. `command` is a name out
    of the setting for commands. `options` is what a kind needs besides.
    """

    MOVES: ClassVar[Any] = CONNECTION_MOVES
    DECIDING: ClassVar[tuple[str, ...]] = (
        "kind",
        "address",
        "methods",
        "headers",
        "secret",
        "private",
        "command",
        "options",
    )

    status = models.CharField(max_length=10, choices=ConnectionStatus, default=ConnectionStatus.PROPOSED)
    kind = models.CharField(max_length=10, choices=[one for one in ToolKind.choices if one[0] != "built_in"])
    secret = models.CharField(max_length=250, blank=True, validators=[refuse_keys])
    address = models.CharField(max_length=300, blank=True)
    methods = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    headers = models.JSONField(default=list, blank=True)
    private = models.BooleanField(default=False)
    command = models.CharField(max_length=60, blank=True)
    options = models.JSONField(default=dict, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True, help_text="When it was last asked what it offers.")
    trouble = models.TextField(blank=True, help_text="Why it could not say so, the last time.")

    class Meta(Signed.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=SECRET_NAMED, name="connection_secret_named"),
            models.CheckConstraint(condition=Q(status__in=ConnectionStatus.values), name="connection_status_known"),
        ]

    def why_not(self, today: date) -> str:
        """Why nothing may be sent over it, as a key of `WHY_NOT`; "" where it may."""
        return "" if self.status == ConnectionStatus.APPROVED else str(self.status)


class Tool(Signed):
    """A tool that steps may call.

    `declaration` is what its code or its server says of it: `name` there, `title`, `description`, `arguments` and
    `result` (JSON schemas), and the kind's `own`; `offered` is what the server says of it now, where that is something
    else. What it does to the world is said by people, never by the tool.
    """

    MOVES: ClassVar[Any] = TOOL_MOVES
    DECIDING: ClassVar[tuple[str, ...]] = (
        "kind",
        "fingerprint",
        "purpose",
        "effect",
        "leaves_house",
        "repeatability",
    )

    status = models.CharField(max_length=10, choices=ToolStatus, default=ToolStatus.PROPOSED)
    kind = models.CharField(max_length=10, choices=ToolKind, default=ToolKind.BUILT_IN)
    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.PROTECT, related_name="tools")
    purpose = models.TextField(blank=True, help_text="What people say that it is for.")
    declaration = models.JSONField(default=dict, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the declaration.")
    offered = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts what was declared and said of it.")
    effect = models.CharField(max_length=12, choices=ToolEffect, default=ToolEffect.DESTRUCTIVE)
    leaves_house = models.BooleanField(default=True, help_text="Whether others see what it does.")
    repeatability = models.CharField(max_length=8, choices=Repeatability, default=Repeatability.UNSAFE)
    undo = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undo_with = models.JSONField(
        default=dict,
        blank=True,
        help_text="Its arguments as expressions over arguments and output; {}: by their names.",
    )
    for_all = models.BooleanField(default=False, help_text="Whether everybody may use it.")
    per_minute = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text="That a call may take.")
    result_bytes = models.PositiveIntegerField(null=True, blank=True, help_text="That a result may have.")

    class Meta(Signed.Meta):
        permissions: ClassVar = [(USE, "May use it")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(secret="") | Q(secret__regex=REFERENCE), name="tool_secret_named"),
            models.CheckConstraint(condition=Q(status__in=ToolStatus.values), name="tool_status_known"),
            models.CheckConstraint(
                condition=Q(kind="built_in", connection=None) | Q(connection__isnull=False) & ~Q(kind="built_in"),
                name="tool_behind_connection",
            ),
        ]

    def why_not(self, today: date) -> str:
        """Why steps may not call it, as a key of `WHY_NOT`; "" where they may."""
        if self.status != ToolStatus.APPROVED:
            return str(self.status)
        return UNCONNECTED if self.connection is not None and self.connection.why_not(today) else ""

    @property
    def content(self) -> dict[str, Any]:
        """All of it that decides: with the connection that it is behind, and what would undo it."""
        return {**super().content, "connection": self.connection_id, "undo": self.undo_id, **self._undone_with}

    @property
    def _undone_with(self) -> dict[str, Any]:
        """Only where it is said, so that what was signed before holds."""
        return {"undo_with": self.undo_with} if self.undo_with else {}

    @property
    def is_built_in(self) -> bool:
        """Whether it lives in this process, and is what its code says."""
        return self.kind == ToolKind.BUILT_IN


class ToolUse(models.Model):
    """A workflow, or an agent by its name, may use a tool."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="uses")
    workflow = models.ForeignKey(Workflow, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    agent = models.CharField(max_length=120, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(workflow__isnull=False, agent="") | Q(workflow__isnull=True) & ~Q(agent=""),
                name="tool_use_of_one",
            ),
            models.UniqueConstraint(fields=["tool", "workflow"], condition=Q(agent=""), name="tool_use_workflow"),
            models.UniqueConstraint(fields=["tool", "agent"], condition=~Q(agent=""), name="tool_use_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.tool}: {self.agent or self.workflow}"


class ToolUserPermission(UserObjectPermissionBase):
    """One person may use one tool."""

    content_object = models.ForeignKey(Tool, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()
        unique_together: ClassVar = ["user", "permission", "content_object"]


class ToolGroupPermission(GroupObjectPermissionBase):
    """One group may use one tool."""

    content_object = models.ForeignKey(Tool, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()
        unique_together: ClassVar = ["group", "permission", "content_object"]
