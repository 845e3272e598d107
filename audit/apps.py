"""The ground of everything: what happened, who did it, and who may see it."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Sets the guards on the ledger once the tables stand."""

    name = "audit"
    verbose_name = "Record"

    def ready(self) -> None:
        """Connect what listens: checks, sign-in events, database rights after a migration, the end of proposals."""
        from audit import checks, proposals, rights, signins  # noqa: F401
        from audit.accounts import erasing, factors, last_seen, sweeping  # noqa: F401
        from audit.proof import anchoring  # noqa: F401

        checks.connect()
        rights.connect(self)
        signins.connect()
        last_seen.connect()
        factors.connect()
