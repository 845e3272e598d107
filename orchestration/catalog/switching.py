"""Tools are switched on and off."""

from django.db import transaction

from audit.actors import Actor
from audit.moves import move
from orchestration.catalog.looking import forget
from orchestration.models import Tool
from orchestration.states import ToolStatus


@transaction.atomic
def switch(entry: Tool, to: ToolStatus, *, actor: Actor) -> None:
    """Let steps use a tool, or stop that. What is being called now is not interrupted."""
    move(entry, to, actor=actor)
    forget()
    transaction.on_commit(forget)
