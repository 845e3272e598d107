"""The cast: a few people whom every test knows, and one workflow."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group

from audit import grants, people
from audit.actors import COMMAND, person
from audit.models import User
from orchestration import catalog, engine, jobs, workflows
from orchestration.models import Model, Run, Version, Workflow
from orchestration.states import DataClass, ModelStatus, RiskTier
from reviews.models import Review

PASSWORD = "a quiet word for tests"
DOCUMENT = Path(__file__).parent / "answer_a_customer.yaml"
QUESTION: dict[str, Any] = {
    "question": "Why is my card payment still pending?",
    "customer_name": "Ines Duarte",
    "customer": "ines.duarte@customer.example",
}

# The models on loopback that documents of tests name.
MODELS = ("openai/triage", "openai/draft", "openai/large", "openai/small", "openai/agent", "openai/erring")


@dataclass
class Cast:
    """Rita and Ravi review, Adam administers and owns the workflow, Mina manages, Noah may do nothing."""

    rita: User
    ravi: User
    adam: User
    mina: User
    noah: User
    workflow: Workflow
    version: Version
    groups: dict[str, Group] = field(default_factory=dict)

    def start(self, **given: Any) -> Run:
        """A run that Adam started."""
        return engine.start(self.workflow, {**QUESTION, **given}, actor=person(self.adam), started_by=self.adam)

    def waiting(self, **given: Any) -> Review:
        """A run carried as far as its review."""
        run = self.start(**given)
        carry_out_all()
        return Review.objects.get(run=run)


def carry_out_all() -> None:
    """Do what a worker does on a bell, here and now."""
    while jobs.advance():
        pass


def assemble() -> Cast:
    """Make the people, the groups and the workflow, through the functions that the product uses."""
    catalog.bring_in_line(actor=COMMAND)
    approve(*MODELS)
    groups = grants.give_roles(actor=COMMAND)
    made = {
        login: people.welcome(login, name, f"{login}@northwind-bank.example", PASSWORD, actor=COMMAND)
        for login, name in (
            ("rita", "Rita Bauer"),
            ("ravi", "Ravi Menon"),
            ("adam", "Adam Novak"),
            ("mina", "Mina Sato"),
            ("noah", "Noah Quist"),
        )
    }
    for login, role in (("rita", "reviewer"), ("ravi", "reviewer"), ("adam", "admin"), ("mina", "manager")):
        people.join(made[login], groups[role], actor=COMMAND)
    version = workflows.publish(DOCUMENT.read_text(), actor=person(made["adam"]), by=made["adam"])
    return Cast(**made, workflow=version.workflow, version=version, groups=groups)


def approve(*names: str, **said: Any) -> None:
    """Models that steps may ask for anything, as far as nothing else is said of them."""
    usual = {
        "status": ModelStatus.APPROVED,
        "ceiling": DataClass.SPECIAL,
        "tiers": RiskTier.values,
        "capabilities": ["tools"],
    }
    Model.objects.bulk_create(Model(**{"name": name, "title": name, **usual, **said}) for name in names)


def with_models(cast: Cast, **models: str) -> Cast:
    """The same cast with a newer version of the workflow, in which steps use other models."""
    source = DOCUMENT.read_text()
    source = source.replace("handrail/intent", models["triage"]).replace("handrail/scripted", models["draft"])
    cast.version = workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    cast.workflow = cast.version.workflow
    return cast
