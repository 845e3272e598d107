"""What people decide: questions, answers, deadlines, and the pages where they are given."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Listens for steps that begin to wait, and says what a review point may say."""

    name = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        """Connect intake, and register with the registries below."""
        from reviews import erasing, intake, points, sights  # noqa: F401
        from reviews.asking import forms  # noqa: F401
        from reviews.notices import forgetting, sending, spreading  # noqa: F401
        from reviews.webhooks import keeping as hook_keeping  # noqa: F401
        from reviews.webhooks import sending as hooks  # noqa: F401
        from reviews.when import clock, keeping, ready, seconds, veil  # noqa: F401

        intake.connect()
