"""The application's role, for a database that was given with its owner's address alone."""

import hashlib
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROLE = "handrail_bench"


def application(owner_url: str) -> str:
    """The address of a role that owns nothing, on the same database. The owner must be one who may make roles."""
    password = hashlib.sha256(owner_url.encode()).hexdigest()  # the same at each start, and as secret as the owner's
    with psycopg.connect(owner_url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(ROLE), sql.Literal(password))
        )
    parts = urlsplit(owner_url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{ROLE}:{password}@{host}").geturl()
