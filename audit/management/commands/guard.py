"""`manage.py guard`: put the ledger's triggers back, as the database's owner."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections, transaction

from audit import guards
from audit.actors import COMMAND
from audit.ledger import record


class Command(BaseCommand):
    """Puts back what refuses to change the ledger, and records that it had to."""

    help = "Put the triggers that guard the ledger back (needs MIGRATE_DATABASE_URL)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the statements of `audit.guards` as the owner."""
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            for statement in guards.everywhere():
                cursor.execute(statement)
        with transaction.atomic():
            record("ledger.guarded", "ledger", actor=COMMAND)
        self.stdout.write("The ledger is guarded.")
