"""The sample workspace, as `manage.py sample` loads it, with nothing in it yet."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.test import override_settings

from audit.models import User
from deploy.sample import workspace
from orchestration.models import Workflow


@dataclass
class Sample:
    """Its people and workflows, and the folder that it was loaded in."""

    home: Path

    def __getattr__(self, login: str) -> User:
        if login.startswith("__"):  # asked by copying
            raise AttributeError(login)
        return User.objects.get(username=login)

    def workflow(self, slug: str) -> Workflow:
        """One of the six."""
        return Workflow.objects.select_related("current").get(slug=slug)


def loaded() -> Sample:
    """Everything that stands before the first question arrives."""
    home = Path(tempfile.mkdtemp(prefix="handrail-test-home-"))
    with override_settings(HANDRAIL_HOME=home, OUTBOX=home / "outbox", HANDRAIL_MODEL=""):
        workspace.load()
    return Sample(home)
