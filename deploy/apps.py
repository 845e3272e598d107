"""The Django app that holds the commands `up`, `web` and `sample`."""

from django.apps import AppConfig


class DeployConfig(AppConfig):
    """The top app: it starts everything below it, and nobody imports it."""

    name = "deploy"

    def ready(self) -> None:
        """Give the clock the sample's arrivals, and pages their texts in other languages."""
        from deploy import languages
        from deploy.sample import arrivals  # noqa: F401

        languages.compile_stale()
