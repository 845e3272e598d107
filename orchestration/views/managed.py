"""The workflow that a page is about, for somebody who manages it, and its draft."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from audit.models import User
from orchestration import rights
from orchestration.models import Version, Workflow
from orchestration.states import VersionStatus


def draft_of(workflow: Workflow) -> Version | None:
    """Its draft, if there is one."""
    drafted = workflow.versions.filter(status=VersionStatus.DRAFT)
    return drafted.select_related("workflow", "base", "edited_by", "created_by").first()


def managed(request: HttpRequest, slug: str) -> tuple[User, Workflow]:
    """The workflow, for somebody who manages it: 404 where one may not see it, 403 where one may only see it."""
    user = cast(User, request.user)
    workflow = get_object_or_404(Workflow.objects.allowed(user, "view").select_related("owner"), slug=slug)
    if "manage" not in rights.afresh(user.pk, workflow.pk).may:
        raise PermissionDenied
    return user, workflow
