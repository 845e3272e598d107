"""The one way round the guards of the ledger: the owner switches them off, empties everything, and puts them back."""

from django.apps import apps

from audit import guards
from orchestration import catalog, plans, scopes
from tests import owner

KEPT = {"django_content_type", "auth_permission", "django_migrations"}
GUARDED = ("event", "leaf", "personal", "exhibit", "pending")


def wipe() -> None:
    """Empty every table but those that migrations fill."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    with owner.connect() as connection, connection.transaction():
        for table in GUARDED:
            connection.execute(f"DROP TRIGGER IF EXISTS {table}_refuses_truncate ON audit_{table}")
        names = ", ".join(f'"{table}"' for table in sorted(tables - KEPT))
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        for statement in guards.ALL:
            connection.execute(statement)
    catalog.forget()
    plans.forget()
    scopes.items_of.cache_clear()
