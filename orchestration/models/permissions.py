"""Who may see, start, decide and manage a workflow: guardian's rows, with real foreign keys."""

from typing import ClassVar

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from orchestration.models.definitions import Workflow


class WorkflowUserPermission(UserObjectPermissionBase):
    """One person may do one thing with one workflow."""

    content_object = models.ForeignKey(Workflow, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()
        unique_together: ClassVar = ["user", "permission", "content_object"]


class WorkflowGroupPermission(GroupObjectPermissionBase):
    """One group may do one thing with one workflow."""

    content_object = models.ForeignKey(Workflow, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()
        unique_together: ClassVar = ["group", "permission", "content_object"]
