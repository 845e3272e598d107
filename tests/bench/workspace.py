"""Who starts and who decides in the measurements, and the workflows, published from their documents."""

import json
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import Group

from audit import people
from audit.actors import COMMAND, person
from audit.models import User
from orchestration import workflows
from orchestration.models import Model, Workflow
from orchestration.states import DataClass, ModelStatus, RiskTier

DOCUMENTS = Path(__file__).parent / "documents"
MODEL = "openai/bench"  # the server on loopback, as the catalog has it
APPROVED: dict[str, Any] = {
    "title": "Bench",
    "status": ModelStatus.APPROVED,
    "ceiling": DataClass.SPECIAL,
    "region": "own",
    "tiers": RiskTier.values,
    "price_in": 1,
    "price_out": 2,
    "tags": ["bench"],
}
OWNER, DECIDER = "bench-owner", "bench-decider"


def person_called(login: str) -> User:
    """One of the two, welcomed and put into the one group when they are not there yet."""
    found = User.objects.filter(username=login).first()
    user = found or people.welcome(login, login, f"{login}@bench.example", login, actor=COMMAND)
    group, _ = Group.objects.get_or_create(name="bench")
    people.join(user, group, actor=COMMAND)
    return user


def publish(name: str, *, times: int = 1) -> Workflow:
    """The workflow of that document; its one step stands in it so many times."""
    document = yaml.safe_load((DOCUMENTS / f"{name}.yaml").read_text())
    if times > 1:
        document["slug"] += f"-{times}"
        (step,) = document["steps"]
        document["steps"] = [_numbered(step, number) for number in range(1, times + 1)]
    Model.objects.get_or_create(name=MODEL, defaults=APPROVED)
    owner = person_called(OWNER)
    version = workflows.publish(json.dumps(document), actor=person(owner), by=owner)
    return Workflow.objects.select_related("current").get(pk=version.workflow_id)


def _numbered(step: dict[str, Any], number: int) -> dict[str, Any]:
    return step | {"key": f"{step['key']}_{number}", "name": f"{step['name']} {number}"}
