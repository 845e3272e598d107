"""What machines do: definitions, the engine, executors and tools. It does not know that reviewers exist."""

from django.apps import AppConfig


class OrchestrationConfig(AppConfig):
    """Says who may see its objects, and gives the clock its sweep."""

    name = "orchestration"
    verbose_name = "Orchestration"

    def ready(self) -> None:
        """Register with the registries of audit."""
        from orchestration import catalog, erasing, publishing, recovery, sights, waivers  # noqa: F401
        from orchestration.agents import signing  # noqa: F401
        from orchestration.batches import pieces  # noqa: F401
        from orchestration.catalog import testing  # noqa: F401
        from orchestration.dry import cases, forgetting  # noqa: F401
        from orchestration.policies import activating, beginnings  # noqa: F401
        from orchestration.routing import budgets, figures, presidio  # noqa: F401
        from orchestration.routing.patterns import keeping  # noqa: F401
        from orchestration.triggers import chains, schedules  # noqa: F401
        from orchestration.triggers import forgetting as samples  # noqa: F401

        presidio.connect()
