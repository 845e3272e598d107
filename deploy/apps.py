"""The Django app that holds the commands `up`, `web` and `sample`."""

from django.apps import AppConfig


class DeployConfig(AppConfig):
    """The top app: it starts everything below it, and nobody imports it."""

    name = "deploy"

    def ready(self) -> None:
        """Give the clock the sample's arrivals."""
        from deploy.sample import arrivals  # noqa: F401
