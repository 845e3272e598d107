"""The tables of orchestration: what may be done, and what is being done."""

from orchestration.models.agents import Agent, AgentTurn, AgentVersion
from orchestration.models.batches import Upload, UploadRow
from orchestration.models.cases import CaseResult
from orchestration.models.catalog import Model
from orchestration.models.contents import Content, File
from orchestration.models.control import Brake, Limit
from orchestration.models.definitions import Aside, Step, StepGroup, Trigger, Version, Workflow
from orchestration.models.inquiries import Inquiry
from orchestration.models.keys import KeptKey
from orchestration.models.model_tests import ModelTest
from orchestration.models.patterns import Pattern
from orchestration.models.permissions import WorkflowGroupPermission, WorkflowUserPermission
from orchestration.models.routing import CatalogState, FigureMark, ModelFigure, Reservation, RoutingDecision, Spending
from orchestration.models.rules import RuleCheck, RuleSet
from orchestration.models.runs import Attempt, Run, StepRun
from orchestration.models.tokens import ApiToken
from orchestration.models.tools import Connection, Tool, ToolGroupPermission, ToolUse, ToolUserPermission
from orchestration.models.triggers import Begun, TriggerFire
from orchestration.models.waivers import WaiverSignature

__all__ = [
    "Agent",
    "AgentTurn",
    "AgentVersion",
    "ApiToken",
    "Aside",
    "Attempt",
    "Begun",
    "Brake",
    "CaseResult",
    "CatalogState",
    "Connection",
    "Content",
    "FigureMark",
    "File",
    "Inquiry",
    "KeptKey",
    "Limit",
    "Model",
    "ModelFigure",
    "ModelTest",
    "Pattern",
    "Reservation",
    "RoutingDecision",
    "RuleCheck",
    "RuleSet",
    "Run",
    "Spending",
    "Step",
    "StepGroup",
    "StepRun",
    "Tool",
    "ToolGroupPermission",
    "ToolUse",
    "ToolUserPermission",
    "Trigger",
    "TriggerFire",
    "Upload",
    "UploadRow",
    "Version",
    "WaiverSignature",
    "Workflow",
    "WorkflowGroupPermission",
    "WorkflowUserPermission",
]
