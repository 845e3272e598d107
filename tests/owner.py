"""A connection of the database's owner, beside Django's: for what the application's role may never do."""

import os

import psycopg


def connect() -> psycopg.Connection:
    """A connection that commits each statement."""
    return psycopg.connect(os.environ["MIGRATE_DATABASE_URL"], autocommit=True)
