"""The sample workspace, as `manage.py sample` loads it, with nothing in it yet."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from audit.models import User
from deploy.sample import workspace
from orchestration.models import Workflow


@dataclass
class Sample:
    """Its people and workflows."""

    def __getattr__(self, login: str) -> User:
        return User.objects.get(username=login)

    def workflow(self, slug: str) -> Workflow:
        """One of the six."""
        return Workflow.objects.select_related("current").get(slug=slug)


@pytest.fixture
def sample(db: None, settings: Settings, tmp_path: Path) -> Sample:
    """Everything that stands before the first question arrives."""
    settings.HANDRAIL_HOME = tmp_path
    settings.OUTBOX = tmp_path / "outbox"
    settings.HANDRAIL_MODEL = ""
    workspace.load()
    return Sample()
