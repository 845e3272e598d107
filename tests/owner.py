"""A connection of the database's owner, beside Django's: for what the application's role may never do."""

import os

import psycopg

from audit import guards


def connect() -> psycopg.Connection:
    """A connection that commits each statement."""
    return psycopg.connect(os.environ["MIGRATE_DATABASE_URL"], autocommit=True)


def change(table: str, statement: str) -> None:
    """What only the owner of the database can do: switch the guards of a table off, change it, and switch them on."""
    with connect() as connection, connection.transaction():
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(statement)
        for name in guards.names_of(table):
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
