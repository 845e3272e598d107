"""The triggers that refuse to change the ledger, as SQL. `ENABLE ALWAYS`: replica mode does not skip them."""

REFUSE = """
CREATE OR REPLACE FUNCTION handrail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
CHANGES = {"pending": "UPDATE"}  # its rows go once they are numbered; all others stay


def guard(table: str) -> list[str]:
    """The statements that put both triggers on `audit_<table>`, new or again."""
    relation = f"audit_{table}"
    statements = []
    for name, operations in (
        (f"{table}_refuses_change", CHANGES.get(table, "UPDATE OR DELETE")),
        (f"{table}_refuses_truncate", "TRUNCATE"),
    ):
        statements += [
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {operations} ON {relation} "
            "FOR EACH STATEMENT EXECUTE FUNCTION handrail_refuse()",
            f"ALTER TABLE {relation} ENABLE ALWAYS TRIGGER {name}",
        ]
    return statements


ALL = [REFUSE, *(s for table in ("event", "leaf", "personal", "exhibit", "pending") for s in guard(table))]
