"""The tables of orchestration: what may be done, and what is being done."""

from orchestration.models.contents import Content, File
from orchestration.models.control import Brake, Limit
from orchestration.models.definitions import Step, StepGroup, Trigger, Version, Workflow
from orchestration.models.permissions import WorkflowGroupPermission, WorkflowUserPermission
from orchestration.models.runs import Attempt, Run, StepRun
from orchestration.models.tokens import ApiToken
from orchestration.models.triggers import Begun, TriggerFire

__all__ = [
    "ApiToken",
    "Attempt",
    "Begun",
    "Brake",
    "Content",
    "File",
    "Limit",
    "Run",
    "Step",
    "StepGroup",
    "StepRun",
    "Trigger",
    "TriggerFire",
    "Version",
    "Workflow",
    "WorkflowGroupPermission",
    "WorkflowUserPermission",
]
