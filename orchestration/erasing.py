"""What workflows and runs hold of a person, taken out; and why most of it stays."""

from django.apps import apps

from audit.erasing import erases, stays
from audit.models import User
from orchestration.models import Begun


@erases("orchestration.Begun", "orchestration.WorkflowUserPermission", "orchestration.ToolUserPermission")
def own_things(user: User) -> None:
    """Forms that they began, and what they were allowed by name."""
    Begun.objects.filter(user=user).delete()
    for name in ("WorkflowUserPermission", "ToolUserPermission"):
        apps.get_model("orchestration", name)._default_manager.filter(user=user).delete()


stays(
    "The house's own texts and settings; who made, owns and signed them are numbers.",
    *(
        f"orchestration.{name}"
        for name in (
            *("Workflow", "Version", "Aside", "Step", "StepGroup", "Trigger", "Agent", "AgentVersion", "Model"),
            *("Brake", "Limit", "Connection", "Tool", "ToolUse", "KeptKey", "ModelTest", "Pattern", "RuleSet"),
            *("ApiToken", "WaiverSignature", "Inquiry", "CaseResult", "CatalogState"),
        )
    ),
)
stays(
    "What runs worked on is the house's matter, not its reviewers'; it goes with the run, when its retention ends.",
    *(
        f"orchestration.{name}"
        for name in (
            *("Run", "StepRun", "Attempt", "AgentTurn", "Content", "File", "Upload", "UploadRow", "TriggerFire"),
            *("RoutingDecision", "RuleCheck"),
        )
    ),
)
stays(
    "Figures by names of steps, models and keys of the house.",
    *(f"orchestration.{name}" for name in ("ModelFigure", "Spending", "Reservation")),
)
