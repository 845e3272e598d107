"""The triggers that refuse to change the ledger, as SQL. `ENABLE ALWAYS`: replica mode does not skip them."""

REFUSE = """
CREATE OR REPLACE FUNCTION handrail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
CHANGES = {"pending": "UPDATE"}  # its rows go once they are numbered; all others stay
_others: list[str] = []


def append_only(relation: str) -> None:
    """Say of a table of another app that its rows are never changed. Its migration runs `guard_of`."""
    if relation not in _others:
        _others.append(relation)


def others() -> list[str]:
    """The tables of other apps that are append-only."""
    return list(_others)


def names_of(relation: str) -> tuple[str, str]:
    """The names of the triggers of such a table."""
    table = relation.removeprefix("audit_")
    return f"{table}_refuses_change", f"{table}_refuses_truncate"


def guard(table: str) -> list[str]:
    """The statements that put both triggers on `audit_<table>`, new or again."""
    return guard_of(f"audit_{table}", CHANGES.get(table, "UPDATE OR DELETE"))


def guard_of(relation: str, changes: str = "UPDATE OR DELETE") -> list[str]:
    """The statements that put both triggers on a table, new or again."""
    statements = []
    for name, operations in zip(names_of(relation), (changes, "TRUNCATE"), strict=True):
        statements += [
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {operations} ON {relation} "
            "FOR EACH STATEMENT EXECUTE FUNCTION handrail_refuse()",
            f"ALTER TABLE {relation} ENABLE ALWAYS TRIGGER {name}",
        ]
    return statements


ALL = [REFUSE, *(s for table in ("event", "leaf", "personal", "exhibit", "pending") for s in guard(table))]


def everywhere() -> list[str]:
    """The statements for all tables that are append-only, those of other apps too: once all migrations have run."""
    return [*ALL, *(statement for relation in _others for statement in guard_of(relation))]
