"""What the application's database role may do: everything to working rows, and only insert into the ledger."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate

EVENT_COLUMNS = (
    "schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth, object_type, object_id, "
    "object_version, run_id, workflow_id, content_hash, personal_hash, body, body_hash"
)
LEDGER = {
    "audit_event": f"SELECT, INSERT ({EVENT_COLUMNS})",
    "audit_personal": "SELECT, INSERT",
    "audit_exhibit": "SELECT, INSERT",
    "audit_leaf": "SELECT, INSERT",
    "audit_tile": "SELECT, INSERT",
    "audit_checkpoint": "SELECT, INSERT (tree_size, root, note, keys)",
    "audit_anchor": "SELECT, INSERT (tree_size, place, done, said)",
    "audit_pending": "SELECT, INSERT, DELETE",
}


def connect(app: AppConfig) -> None:
    """Give the rights again after every migration."""
    post_migrate.connect(give, dispatch_uid="audit.rights")


def give(sender: Any, using: str, **_: Any) -> None:
    """Give the application's role its rights, when the owner is another role, as it should be."""
    role = settings.DATABASES["default"].get("USER")
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone()
        if not role or role == owner:
            return
        name = connections[using].ops.quote_name(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"REVOKE ALL ON django_migrations FROM {name}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {name}")
        for table, rights in LEDGER.items():
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0]:
                cursor.execute(f"REVOKE ALL ON {table} FROM {name}")
                cursor.execute(f"GRANT {rights} ON {table} TO {name}")
